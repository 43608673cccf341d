import type { QrForm } from "#platform/qr-code.ts";

/** How codes of tickets become QR codes: with these, 177 characters are 45 modules wide (version 7), which any phone reads. */
export const TICKET_QR: QrForm = { ecc: "medium", encoding: "alphanumeric" };
