/** How passwords are kept. Both ways take about the same time, which is what hides who has an account. */
export interface Passwords {
  hash(password: string): Promise<string>;
  verify(given: { hash: string; password: string }): Promise<boolean>;
}

/** scrypt, as better-auth has it: 16 MiB and some 60 ms each. */
export const scryptPasswords: Passwords = {
  hash: async (password) => (await import("better-auth/crypto")).hashPassword(password),
  verify: async (given) => (await import("better-auth/crypto")).verifyPassword(given),
};
