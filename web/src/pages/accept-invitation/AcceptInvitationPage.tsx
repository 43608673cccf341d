import { useEffect, useState } from "react";
import { Form } from "../../components/Form.tsx";
import { forgetLinkToken, useLinkToken } from "../../components/link-token.ts";
import { Outcome } from "../../components/Outcome.tsx";
import { Page } from "../../components/Page.tsx";
import {
  acceptInvitation,
  type Joined,
  logOut,
  readMe,
  type User,
} from "../../queries/accounts.ts";
import type { Problem } from "../../queries/send.ts";
import { LogIn } from "./LogIn.tsx";

/** Behind the link of a mail: a user takes a role at an organizer. */
export function AcceptInvitationPage() {
  const token = useLinkToken();
  return (
    <Page title="Accept the invitation">
      {token === null ? <Expired /> : <AcceptInvitation token={token} />}
    </Page>
  );
}

function AcceptInvitation({ token }: { readonly token: string }) {
  /** Undefined: it is being asked. */
  const [user, setUser] = useState<User | null>();
  const [problem, setProblem] = useState<Problem | null>(null);
  const [joined, setJoined] = useState<Joined | "expired" | null>(null);
  useEffect(() => {
    void readMe().then((sent) => {
      if (sent.problem === null) setUser(sent.data);
      else setProblem(sent.problem);
    });
  }, []);
  if (joined === "expired") return <Expired />;
  if (joined !== null) return <Welcome {...joined} />;
  if (problem !== null) {
    return (
      <div className="notice" role="alert">
        <h1>{problem.title}</h1>
        <p>{problem.detail}</p>
      </div>
    );
  }
  if (user === undefined) return <p role="status">Loading …</p>;
  if (user === null) return <LogIn onLogIn={setUser} />;
  const accept = async () => {
    const sent = await acceptInvitation(token);
    if (sent.problem !== null && sent.problem.code !== "invitation_expired") return sent.problem;
    forgetLinkToken();
    setJoined(sent.problem === null ? sent.data : "expired");
    return null;
  };
  return (
    <Outcome title="You are invited">
      <p className="lead">
        You are logged in as <strong>{user.user_name}</strong> ({user.email}).
      </p>
      <Form button="Accept the invitation" busy="Accepting …" onSend={accept} />
      <button
        type="button"
        className="quiet"
        onClick={() => void logOut().then(() => setUser(null))}
      >
        Use another account
      </button>
    </Outcome>
  );
}

const ROLES: Readonly<Record<string, string>> = {
  owner: "an owner: everything is yours to do.",
  manager: "a manager: events and reservations are yours to keep.",
  viewer: "a viewer: you see everything and change nothing.",
  door: "at the door: you let people in.",
};

function Welcome({ organizer, role }: Joined) {
  return (
    <Outcome title={`Welcome to ${organizer.name}`}>
      <p className="lead">You are {ROLES[role] ?? role}</p>
      <p>
        <a href="/">See what is on</a>
      </p>
    </Outcome>
  );
}

function Expired() {
  return (
    <Outcome title="This invitation does not work any more">
      <p className="lead">
        It was accepted, taken back, is too old or was cut off. Ask whoever invited you for another
        one.
      </p>
    </Outcome>
  );
}
