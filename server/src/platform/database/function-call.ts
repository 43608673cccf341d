/** The statement that calls a function of the database with so many parameters. */
export function functionCall(name: string, parameters: number): string {
  const list = Array.from({ length: parameters }, (_, index) => `$${index + 1}`);
  return `select * from ${name}(${list.join(", ")})`;
}
