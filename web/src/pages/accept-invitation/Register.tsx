import { useState } from "react";
import { Field } from "../../components/Field.tsx";
import { Form } from "../../components/Form.tsx";
import { NewPassword } from "../../components/NewPassword.tsx";
import { Outcome } from "../../components/Outcome.tsx";
import { register } from "../../queries/accounts.ts";

/** An account for whoever was invited without having one. */
export function Register({ onBack }: { readonly onBack: () => void }) {
  const [email, setEmail] = useState<string | null>(null);
  if (email !== null) {
    return (
      <Outcome title="Look into your mail">
        <p className="lead">
          A link is on its way to <strong>{email}</strong>. Follow it to verify your address, then
          open the link of the invitation again.
        </p>
      </Outcome>
    );
  }
  const send = async (account: Parameters<typeof register>[0]) => {
    const { problem } = await register(account);
    if (problem === null) setEmail(account.email);
    return problem;
  };
  return (
    <Outcome title="Make an account">
      <Form
        button="Make the account"
        busy="Making it …"
        onSend={(filled) =>
          send({
            user_name: filled("user_name"),
            email: filled("email"),
            password: filled("password"),
          })
        }
      >
        <Field
          label="User name"
          name="user_name"
          autoComplete="username"
          pattern="[A-Za-z0-9_.]{3,30}"
          hint="3 to 30 letters, digits, _ and ."
        />
        <Field label="E-mail address" name="email" type="email" autoComplete="email" />
        <NewPassword label="Password" />
      </Form>
      <button type="button" className="quiet" onClick={onBack}>
        I have an account
      </button>
    </Outcome>
  );
}
