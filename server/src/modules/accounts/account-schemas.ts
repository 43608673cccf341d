import { type Static, Type } from "typebox";
import { component, idSchema, Nullable, Rfc3339 } from "#platform/http/schemas.ts";
import { PASSWORD_LENGTH_MAX, PASSWORD_LENGTH_MIN } from "./engine.ts";

// The wire shapes of accounts.

const closed = { additionalProperties: false } as const;
const TOKEN_LENGTH_MAX = 1000;

const Email = Type.String({ format: "email", maxLength: 254, examples: ["ada@example.org"] });
const UserName = Type.String({
  pattern: "^[A-Za-z0-9_.]{3,30}$",
  description: "Letters, digits, `_` and `.`. Capitals make no difference.",
  examples: ["ada"],
});
const NewPassword = Type.String({
  minLength: PASSWORD_LENGTH_MIN,
  maxLength: PASSWORD_LENGTH_MAX,
});
const Password = Type.String({ minLength: 1, maxLength: PASSWORD_LENGTH_MAX });
const Token = Type.String({ minLength: 1, maxLength: TOKEN_LENGTH_MAX });
const Code = Type.String({ pattern: "^[0-9]{6}$", examples: ["123456"] });

export const Registration = component(
  "Registration",
  Type.Object({ user_name: UserName, email: Email, password: NewPassword }, closed),
);
export const EmailToken = component("EmailToken", Type.Object({ token: Token }, closed));
export const EmailAddress = component("EmailAddress", Type.Object({ email: Email }, closed));
export const NewPasswordByToken = component(
  "NewPasswordByToken",
  Type.Object({ token: Token, password: NewPassword }, closed),
);
export const PasswordChange = component(
  "PasswordChange",
  Type.Object({ current_password: Password, new_password: NewPassword }, closed),
);
export const PasswordAgain = component(
  "PasswordAgain",
  Type.Object({ password: Password }, closed),
);

export const Login = component(
  "Login",
  Type.Object(
    {
      login: Type.String({ minLength: 1, maxLength: 254, description: "User name or address." }),
      password: Password,
    },
    closed,
  ),
);
export const SecondFactor = component(
  "SecondFactor",
  Type.Object(
    {
      code: Type.Optional(Code),
      recovery_code: Type.Optional(Type.String({ minLength: 1, maxLength: 20 })),
    },
    { ...closed, minProperties: 1, maxProperties: 1, description: "One of the two." },
  ),
);
export const TotpCode = component("TotpCode", Type.Object({ code: Code }, closed));
export const SecondFactorView = component(
  "NewSecondFactor",
  Type.Object({
    totp_uri: Type.String({ description: "For the app, mostly as a QR code. Shown this once." }),
    recovery_codes: Type.Array(Type.String(), { description: "Each is good once." }),
  }),
);

export const UserView = component(
  "User",
  Type.Object({
    id: idSchema("usr"),
    user_name: Type.String(),
    email: Type.String(),
    email_verified: Type.Boolean(),
    has_second_factor: Type.Boolean(),
    created_at: Rfc3339,
  }),
);
export type UserBody = Static<typeof UserView>;

export const LoginView = component(
  "LoginResult",
  Type.Object({
    user: Nullable(UserView),
    second_factor_needed: Type.Boolean({
      description: "True: there is no session yet; send a code to `/v1/auth/login/second-factor`.",
    }),
  }),
);

export const SessionView = component(
  "Session",
  Type.Object({
    id: idSchema("ses"),
    is_current: Type.Boolean(),
    user_agent: Nullable(Type.String()),
    created_at: Rfc3339,
    expires_at: Rfc3339,
  }),
);
export const SessionList = Type.Object({ data: Type.Array(SessionView) });

export const PasskeyView = component(
  "Passkey",
  Type.Object({
    id: idSchema("psk"),
    name: Nullable(Type.String()),
    created_at: Rfc3339,
  }),
);
export const PasskeyList = Type.Object({ data: Type.Array(PasskeyView) });

const PasskeyName = Type.String({ minLength: 1, maxLength: 100 });
export const PasskeyChange = component("PasskeyChange", Type.Object({ name: PasskeyName }, closed));

/** What browsers make of a passkey; judged by the engine, which knows WebAuthn. */
const WebAuthnResponse = Type.Object(
  {
    id: Type.String({ maxLength: 2000 }),
    rawId: Type.String({ maxLength: 2000 }),
    type: Type.String({ maxLength: 40 }),
    response: Type.Record(Type.String(), Type.Unknown()),
  },
  { additionalProperties: true, description: "As `PublicKeyCredential.toJSON()` gives it." },
);
export const NewPasskey = component(
  "NewPasskey",
  Type.Object({ name: PasskeyName, response: WebAuthnResponse }, closed),
);
export const PasskeyLogin = component(
  "PasskeyLogin",
  Type.Object({ response: WebAuthnResponse }, closed),
);
export const WebAuthnOptions = Type.Unsafe<Record<string, unknown>>({
  type: "object",
  additionalProperties: true,
  description: "For `navigator.credentials`, as WebAuthn spells it.",
});

/** Nothing to read: that it was accepted is all there is to say. */
export const Nothing = Type.Unsafe<undefined>({ type: "null", description: "Nothing to read." });
