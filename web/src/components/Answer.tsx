import type { ReactNode } from "react";
import type { Query } from "../queries/use-json.ts";

interface AnswerProps<Data> {
  readonly query: Query<Data>;
  readonly children: (data: Data) => ReactNode;
}

/** What a query stands at: waiting, refused with the server's own words, or its data. */
export function Answer<Data>({ query, children }: AnswerProps<Data>) {
  if (query.data !== undefined) return children(query.data);
  if (query.problem === undefined) return <p role="status">Loading …</p>;
  return (
    <div className="notice" role="alert">
      <h1>{query.problem.title}</h1>
      <p>{query.problem.detail}</p>
    </div>
  );
}
