import { useState } from "react";
import { AskForLink } from "../../components/AskForLink.tsx";
import { Form } from "../../components/Form.tsx";
import { forgetLinkToken, useLinkToken } from "../../components/link-token.ts";
import { Outcome } from "../../components/Outcome.tsx";
import { Page } from "../../components/Page.tsx";
import { resendVerification, verifyEmail } from "../../queries/accounts.ts";

/** Behind the link of a mail. Asks for a click: programs that look at mails open links, too. */
export function VerifyEmailPage() {
  return (
    <Page title="Verify your address">
      <VerifyEmail token={useLinkToken()} />
    </Page>
  );
}

function VerifyEmail({ token }: { readonly token: string | null }) {
  const [step, setStep] = useState<"ask" | "done" | "expired">("ask");
  if (step === "done") {
    return (
      <Outcome title="Your address is verified">
        <p className="lead">You can log in now, with your user name or this address.</p>
        <p>
          <a href="/">See what is on</a>
        </p>
      </Outcome>
    );
  }
  if (token === null || step === "expired") {
    return (
      <AskForLink
        title="This link does not work any more"
        lead="It was used, is older than an hour, or was cut off. If you used it, your address is verified. If not, have another one sent."
        ask={resendVerification}
      />
    );
  }
  const send = async () => {
    const { problem } = await verifyEmail(token);
    if (problem !== null && problem.code !== "link_expired") return problem;
    forgetLinkToken();
    setStep(problem === null ? "done" : "expired");
    return null;
  };
  return (
    <>
      <h1>Verify your address</h1>
      <p className="lead">
        Say that the mail with this link reached you, and your account is ready.
      </p>
      <Form button="Verify my address" busy="Verifying …" onSend={send} />
    </>
  );
}
