import { bearer, loadFile, type Sent, send } from "./send.ts";

// What a holder carries, with the token that the link brought.

/** The QR code of a ticket, as the address of a picture. */
export async function readTicketQr(id: string, token: string): Promise<Sent<string>> {
  const sent = await loadFile(`/v1/tickets/${id}/qr.svg`, bearer(token));
  if (sent.problem !== null) return sent;
  const svg = await sent.data.text();
  return { data: `data:image/svg+xml,${encodeURIComponent(svg)}`, problem: null };
}

/** All tickets of a reservation, to print. */
export function readTicketsPdf(reservationId: string, token: string): Promise<Sent<Blob>> {
  return loadFile(`/v1/reservations/${reservationId}/tickets.pdf`, bearer(token));
}

/** Where a calendar follows a reservation. */
export interface CalendarLinks {
  readonly url: string;
  readonly webcal_url: string;
}

export function readCalendarLinks(
  reservationId: string,
  token: string,
): Promise<Sent<CalendarLinks>> {
  return send(`/v1/reservations/${reservationId}/calendar`, bearer(token));
}

/** The wallets of phones that a ticket can be had for. */
export type Wallet = "apple" | "google";

export async function readWallets(id: string, token: string): Promise<readonly Wallet[]> {
  const sent = await send<{ readonly wallets: readonly Wallet[] }>(
    `/v1/tickets/${id}`,
    bearer(token),
  );
  return sent.problem === null ? sent.data.wallets : [];
}

/** A ticket as Apple Wallet takes it. */
export function readApplePass(id: string, token: string): Promise<Sent<Blob>> {
  return loadFile(`/v1/tickets/${id}/pass.pkpass`, bearer(token));
}

/** Where a ticket is saved in Google Wallet. */
export function readGoogleWallet(
  id: string,
  token: string,
): Promise<Sent<{ readonly url: string }>> {
  return send(`/v1/tickets/${id}/google-wallet`, bearer(token));
}
