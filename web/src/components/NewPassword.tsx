import { useState } from "react";
import { Field } from "./Field.tsx";

const LENGTH_MIN = 10;
const LENGTH_MAX = 128;

/** A password to be set, which may be looked at instead of being typed twice. */
export function NewPassword({ label }: { readonly label: string }) {
  const [isShown, setShown] = useState(false);
  return (
    <>
      <Field
        label={label}
        name="password"
        type={isShown ? "text" : "password"}
        autoComplete="new-password"
        minLength={LENGTH_MIN}
        maxLength={LENGTH_MAX}
        hint={`${LENGTH_MIN} characters or more. A few words are fine.`}
      />
      <label className="choice">
        <input
          type="checkbox"
          checked={isShown}
          onChange={({ target }) => setShown(target.checked)}
        />
        Show the password
      </label>
    </>
  );
}
