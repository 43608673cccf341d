import { Page } from "../../components/Page.tsx";

export function MissingPage() {
  return (
    <Page title="Not found">
      <h1>There is nothing here</h1>
      <p className="lead">The address may be mistyped, or the event may be over and gone.</p>
      <p>
        <a href="/">See what is on</a>
      </p>
    </Page>
  );
}
