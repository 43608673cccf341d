import type { ReactElement } from "react";
import { EventPage } from "./pages/event/EventPage.tsx";
import { EventsPage } from "./pages/events/EventsPage.tsx";
import { MissingPage } from "./pages/missing/MissingPage.tsx";

/** The page of a path. The server answers the client's index for exactly these paths. */
export function pageFor(path: string): ReactElement {
  if (path === "/") return <EventsPage />;
  const slug = /^\/e\/([^/]+)\/?$/.exec(path)?.[1];
  return slug === undefined ? <MissingPage /> : <EventPage slug={slug} />;
}
