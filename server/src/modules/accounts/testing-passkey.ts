import { createHash, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { PUBLIC_URL } from "#platform/http/testing.ts";

export interface Ceremony {
  /** Whether the device asked who holds it. */
  readonly isVerified?: boolean;
  /** The site that the browser says it is on. */
  readonly origin?: string;
}

/** A device that keeps one passkey, in software: ES256, without attestation. */
export interface SoftwarePasskey {
  readonly id: string;
  register(challenge: string, ceremony?: Ceremony): Record<string, unknown>;
  authenticate(challenge: string, ceremony?: Ceremony): Record<string, unknown>;
}

const FLAGS = { present: 0x01, verified: 0x04, hasKey: 0x40 };

export function aPasskey(): SoftwarePasskey {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { x = "", y = "" } = publicKey.export({ format: "jwk" });
  const rawId = randomBytes(16);
  const id = rawId.toString("base64url");
  let counter = 0;
  const head = (flags: number, { isVerified = true }: Ceremony) => {
    const counted = Buffer.alloc(5);
    counted[0] = FLAGS.present | flags | (isVerified ? FLAGS.verified : 0);
    counted.writeUInt32BE(++counter, 1);
    return Buffer.concat([sha256(new URL(PUBLIC_URL).hostname), counted]);
  };
  const answer = (response: object) => ({
    id,
    rawId: id,
    type: "public-key",
    clientExtensionResults: {},
    response,
  });
  return {
    id,
    register: (challenge, ceremony = {}) => {
      const data = Buffer.concat([
        head(FLAGS.hasKey, ceremony),
        Buffer.alloc(16),
        Buffer.from([0, rawId.length]),
        rawId,
        coseKey(Buffer.from(x, "base64url"), Buffer.from(y, "base64url")),
      ]);
      return answer({
        clientDataJSON: clientData("webauthn.create", challenge, ceremony).toString("base64url"),
        attestationObject: attestation(data).toString("base64url"),
        transports: ["internal"],
      });
    },
    authenticate: (challenge, ceremony = {}) => {
      const data = head(0, ceremony);
      const client = clientData("webauthn.get", challenge, ceremony);
      const signature = sign("sha256", Buffer.concat([data, sha256(client)]), privateKey);
      return answer({
        clientDataJSON: client.toString("base64url"),
        authenticatorData: data.toString("base64url"),
        signature: signature.toString("base64url"),
      });
    },
  };
}

function clientData(type: string, challenge: string, { origin = PUBLIC_URL }: Ceremony): Buffer {
  return Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
}

/** CBOR: {fmt: "none", attStmt: {}, authData}. */
function attestation(data: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from([0xa3]),
    Buffer.from([0x63, ...Buffer.from("fmt"), 0x64, ...Buffer.from("none")]),
    Buffer.from([0x67, ...Buffer.from("attStmt"), 0xa0]),
    Buffer.from([0x68, ...Buffer.from("authData"), 0x58, data.length]),
    data,
  ]);
}

/** CBOR: {1: 2, 3: -7, -1: 1, -2: x, -3: y}, a key of P-256 for ES256. */
function coseKey(x: Buffer, y: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]),
    x,
    Buffer.from([0x22, 0x58, 0x20]),
    y,
  ]);
}

function sha256(data: Buffer | string): Buffer {
  return createHash("sha256").update(data).digest();
}
