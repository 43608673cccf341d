import { useState } from "react";
import type { Sent } from "../queries/send.ts";
import { Field } from "./Field.tsx";
import { Form } from "./Form.tsx";
import { Outcome } from "./Outcome.tsx";

interface AskForLinkProps {
  readonly title: string;
  readonly lead: string;
  readonly ask: (email: string) => Promise<Sent<void>>;
}

/** A way to a link, or to another instead of one that does not work. Whether the address has an account is not told. */
export function AskForLink({ title, lead, ask }: AskForLinkProps) {
  const [sentTo, setSentTo] = useState<string | null>(null);
  if (sentTo !== null) {
    return (
      <Outcome title="Look into your mail">
        <p className="lead">
          If <strong>{sentTo}</strong> has an account that needs a link, a new one is on its way. It
          works for an hour.
        </p>
      </Outcome>
    );
  }
  const send = async (email: string) => {
    const { problem } = await ask(email);
    if (problem === null) setSentTo(email);
    return problem;
  };
  return (
    <Outcome title={title}>
      <p className="lead">{lead}</p>
      <Form button="Send me a link" busy="Sending …" onSend={(filled) => send(filled("email"))}>
        <Field label="E-mail address" name="email" type="email" autoComplete="email" />
      </Form>
    </Outcome>
  );
}
