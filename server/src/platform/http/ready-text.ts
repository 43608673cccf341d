/** What of a reply this file needs. */
interface Reply {
  header(name: string, value: string): Reply;
  serializer(serialize: (payload: string) => string): Reply;
  send(payload: string): unknown;
}

const asItIs = (text: string) => text;

/**
 * Sends what is serialised already, with the type as it is given: the framework would add a charset to a
 * JSON type that has none. Text goes out in one piece with the head, where bytes go out in two.
 */
export function sendReadyText(reply: Reply, contentType: string, text: string): void {
  reply.header("content-type", contentType).serializer(asItIs).send(text);
}
