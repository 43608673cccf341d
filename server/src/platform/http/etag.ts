interface Conditional {
  readonly headers: { readonly "if-none-match"?: string | undefined };
}

/**
 * Whether the client already has this answer: `If-None-Match` names the tag, or says `*`.
 * Compared weakly, as RFC 9110 §13.1.2 says for reading. Answer 304 then.
 */
export function matchesEtag(request: Conditional, etag: string): boolean {
  const header = request.headers["if-none-match"];
  if (header === undefined) return false;
  if (header === etag || header.trim() === "*") return true;
  const opaque = opaqueTag(etag);
  // A tag is quoted and has no quote inside, so splitting at quotes cannot go wrong.
  const tags: readonly string[] = header.match(/"[^"]*"/g) ?? [];
  return tags.includes(opaque);
}

function opaqueTag(etag: string): string {
  return etag.startsWith("W/") ? etag.slice(2) : etag;
}
