import { useState } from "react";
import { AskForLink } from "../../components/AskForLink.tsx";
import { Form } from "../../components/Form.tsx";
import { forgetLinkToken, useLinkToken } from "../../components/link-token.ts";
import { NewPassword } from "../../components/NewPassword.tsx";
import { Outcome } from "../../components/Outcome.tsx";
import { Page } from "../../components/Page.tsx";
import { requestReset, resetPassword } from "../../queries/accounts.ts";

/** Behind the link of a mail: a new password. Opened without one: the way to such a link. */
export function ResetPasswordPage() {
  return (
    <Page title="Set a new password">
      <ResetPassword token={useLinkToken()} />
    </Page>
  );
}

function ResetPassword({ token }: { readonly token: string | null }) {
  const [step, setStep] = useState<"ask" | "done" | "expired">("ask");
  if (step === "done") {
    return (
      <Outcome title="Your new password is set">
        <p className="lead">
          You were logged out everywhere. Log in again with the new password, wherever you need to.
        </p>
      </Outcome>
    );
  }
  if (token === null) {
    return (
      <AskForLink
        title="Ask for a new password"
        lead="A link comes by mail. Behind it you set a new password."
        ask={requestReset}
      />
    );
  }
  if (step === "expired") {
    return (
      <AskForLink
        title="This link does not work any more"
        lead="It was used, is older than an hour, or was cut off. Your password is as it was. Have another link sent."
        ask={requestReset}
      />
    );
  }
  const send = async (password: string) => {
    const { problem } = await resetPassword(token, password);
    if (problem !== null && problem.code !== "link_expired") return problem;
    forgetLinkToken();
    setStep(problem === null ? "done" : "expired");
    return null;
  };
  return (
    <>
      <h1>Set a new password</h1>
      <p className="lead">You will be logged out everywhere else.</p>
      <Form
        button="Set the password"
        busy="Setting …"
        onSend={(filled) => send(filled("password"))}
      >
        <NewPassword label="New password" />
      </Form>
    </>
  );
}
