import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** A mail to one person. */
export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** What takes mails out of the house. Rejects when it could not. */
export interface MailTransport {
  /** `id` is the same when a mail is sent again. */
  send(id: string, mail: Mail): Promise<void>;
}

/** In memory, for a server that keeps nothing: what was sent can be read. */
export interface KeptMails extends MailTransport {
  readonly sent: readonly Mail[];
}

export function createKeptMails(): KeptMails {
  const sent: Mail[] = [];
  return {
    sent,
    send: (_id, mail) => {
      sent.push(mail);
      if (sent.length > KEPT_MAX) sent.shift();
      return Promise.resolve();
    },
  };
}

const KEPT_MAX = 1_000;
/** Longer than a mail server that is well takes. */
const SMTP_TIMEOUT_MS = 15_000;

/** A mail server, by SMTP. nodemailer is loaded with the first mail. */
export function createSmtpTransport(url: string, from: string): MailTransport {
  let transporter: Promise<{ sendMail(mail: object): Promise<unknown> }> | undefined;
  const open = async () => {
    const { createTransport } = await import("nodemailer");
    const timeouts = { connectionTimeout: SMTP_TIMEOUT_MS, socketTimeout: SMTP_TIMEOUT_MS };
    return createTransport({ url, ...timeouts, disableFileAccess: true, disableUrlAccess: true });
  };
  return {
    send: async (id, mail) => {
      transporter ??= open();
      await (await transporter).sendMail({ ...mail, from, messageId: messageId(id, from) });
    },
  };
}

/** Files that a mail program opens, one a mail: for trying, where there is no mail server. */
export function createMailFiles(directory: string, from: string): MailTransport {
  return {
    send: async (id, mail) => {
      const { createTransport } = await import("nodemailer");
      const composer = createTransport({ streamTransport: true, buffer: true });
      const { message } = await composer.sendMail({
        ...mail,
        from,
        messageId: messageId(id, from),
      });
      await mkdir(directory, { recursive: true, mode: 0o700 });
      await writeFile(join(directory, `${id}.eml`), message as Buffer, { mode: 0o600 });
    },
  };
}

/** The same for each attempt, so that a mailbox shows a mail that came twice once. */
function messageId(id: string, from: string): string {
  const domain = /@([A-Za-z0-9.-]+)>?\s*$/.exec(from)?.[1] ?? "localhost";
  return `<${id}@${domain}>`;
}
