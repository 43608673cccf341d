import { useEffect, useState } from "react";
import { keepFile } from "../../components/keep-file.ts";
import type { HeldTicket } from "../../queries/reservations.ts";
import type { Problem } from "../../queries/send.ts";
import {
  readApplePass,
  readGoogleWallet,
  readWallets,
  type Wallet,
} from "../../queries/tickets.ts";

/** The wallets that the tickets of a reservation can be had for: the same for all of them. */
export function useWallets(ticketId: string | undefined, token: string): readonly Wallet[] {
  const [wallets, setWallets] = useState<readonly Wallet[]>([]);
  useEffect(() => {
    let isWanted = true;
    if (ticketId === undefined) return undefined;
    void readWallets(ticketId, token).then((found) => {
      if (isWanted) setWallets(found);
    });
    return () => {
      isWanted = false;
    };
  }, [ticketId, token]);
  return wallets;
}

interface WalletsProps {
  readonly ticket: HeldTicket;
  readonly token: string;
  readonly offered: readonly Wallet[];
}

const NAMES: Readonly<Record<Wallet, string>> = {
  apple: "Add to Apple Wallet",
  google: "Add to Google Wallet",
};

/** Puts one ticket into the wallet of a phone. Nothing where none is offered. */
export function Wallets({ ticket, token, offered }: WalletsProps) {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  if (offered.length === 0) return null;
  const add = async (wallet: Wallet) => {
    setBusy(true);
    setProblem(
      wallet === "apple" ? await toApple(ticket.id, token) : await toGoogle(ticket.id, token),
    );
    setBusy(false);
  };
  return (
    <>
      <p className="actions">
        {offered.map((wallet) => (
          <button
            key={wallet}
            type="button"
            className="quiet"
            disabled={isBusy}
            onClick={() => void add(wallet)}
          >
            {NAMES[wallet]}
          </button>
        ))}
      </p>
      {problem === null ? null : (
        <p className="problem" role="alert">
          {problem.detail}
        </p>
      )}
    </>
  );
}

async function toApple(id: string, token: string): Promise<Problem | null> {
  const sent = await readApplePass(id, token);
  if (sent.problem === null) keepFile(sent.data, "ticket.pkpass");
  return sent.problem;
}

async function toGoogle(id: string, token: string): Promise<Problem | null> {
  const sent = await readGoogleWallet(id, token);
  if (sent.problem === null) location.assign(sent.data.url);
  return sent.problem;
}
