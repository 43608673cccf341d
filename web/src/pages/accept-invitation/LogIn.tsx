import { useState } from "react";
import { Field } from "../../components/Field.tsx";
import { Form } from "../../components/Form.tsx";
import { Outcome } from "../../components/Outcome.tsx";
import { giveSecondFactor, logIn, type User } from "../../queries/accounts.ts";
import { afterLogin, secondFactorOf } from "./login-steps.ts";
import { Register } from "./Register.tsx";

/** The way to a session on this page: log in, with a second factor where there is one; or register first. */
export function LogIn({ onLogIn }: { readonly onLogIn: (user: User) => void }) {
  const [step, setStep] = useState<"log-in" | "second-factor" | "register">("log-in");
  if (step === "register") return <Register onBack={() => setStep("log-in")} />;
  if (step === "second-factor") {
    return <SecondFactor onLogIn={onLogIn} onBeginAgain={() => setStep("log-in")} />;
  }
  const send = async (login: string, password: string) => {
    const next = afterLogin(await logIn(login, password));
    if (next.is === "refused") return next.problem;
    if (next.is === "done") onLogIn(next.user);
    else setStep("second-factor");
    return null;
  };
  return (
    <Outcome title="You are invited">
      <p className="lead">Log in to accept.</p>
      <Form
        button="Log in"
        busy="Logging in …"
        onSend={(filled) => send(filled("login"), filled("password"))}
      >
        <Field label="User name or e-mail address" name="login" autoComplete="username" />
        <Field label="Password" name="password" type="password" autoComplete="current-password" />
      </Form>
      <p>
        <a href="/reset-password">Forgotten the password?</a>
      </p>
      <h2>No account yet?</h2>
      <p>Make one, then open the link of the invitation again.</p>
      <button type="button" onClick={() => setStep("register")}>
        Make an account
      </button>
    </Outcome>
  );
}

interface SecondFactorProps {
  readonly onLogIn: (user: User) => void;
  readonly onBeginAgain: () => void;
}

function SecondFactor({ onLogIn, onBeginAgain }: SecondFactorProps) {
  const send = async (code: string) => {
    const next = afterLogin(await giveSecondFactor(secondFactorOf(code)));
    if (next.is === "done") onLogIn(next.user);
    else if (next.is === "begin-again") onBeginAgain();
    return next.is === "refused" ? next.problem : null;
  };
  return (
    <Outcome title="One more step">
      <p className="lead">Give the code that your app shows, or one of your recovery codes.</p>
      <Form button="Go on" busy="Checking …" onSend={(filled) => send(filled("code"))}>
        <Field label="Code" name="code" autoComplete="one-time-code" maxLength={20} />
      </Form>
    </Outcome>
  );
}
