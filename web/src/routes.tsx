import { lazy, type ReactElement, Suspense } from "react";
import { AcceptInvitationPage } from "./pages/accept-invitation/AcceptInvitationPage.tsx";
import { EventPage } from "./pages/event/EventPage.tsx";
import { EventsPage } from "./pages/events/EventsPage.tsx";
import { MissingPage } from "./pages/missing/MissingPage.tsx";
import { ReservationPage } from "./pages/reservation/ReservationPage.tsx";
import { ResetPasswordPage } from "./pages/reset-password/ResetPasswordPage.tsx";
import { VerifyEmailPage } from "./pages/verify-email/VerifyEmailPage.tsx";

/** Loaded where it is wanted: it brings what a gate decides by. */
const DoorPage = lazy(async () => ({
  default: (await import("./pages/door/DoorPage.tsx")).DoorPage,
}));

/** The page of a path. The server answers the client's index for exactly these paths. */
export function pageFor(path: string): ReactElement {
  if (path === "/") return <EventsPage />;
  if (path === "/door") {
    return (
      <Suspense>
        <DoorPage />
      </Suspense>
    );
  }
  if (path === "/verify-email") return <VerifyEmailPage />;
  if (path === "/reset-password") return <ResetPasswordPage />;
  if (path === "/accept-invitation") return <AcceptInvitationPage />;
  const reservation = /^\/r\/(rsv_[0-9a-z]{26})\/?$/.exec(path)?.[1];
  if (reservation !== undefined) return <ReservationPage id={reservation} />;
  const slug = /^\/e\/([^/]+)\/?$/.exec(path)?.[1];
  return slug === undefined ? <MissingPage /> : <EventPage slug={slug} />;
}
