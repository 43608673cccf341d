import type { ReactNode } from "react";

interface PageProps {
  /** Stands in the browser's tab. */
  readonly title: string | undefined;
  readonly children: ReactNode;
}

/** The frame of every page: a way past the header for the keyboard, the header, the content, the footer. */
export function Page({ title, children }: PageProps) {
  return (
    <>
      <title>{title === undefined ? "Tessera" : `${title} · Tessera`}</title>
      <a className="skip" href="#content">
        Skip to the content
      </a>
      <header className="bar">
        <a className="brand" href="/">
          <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
            <rect className="brand-tile" width="32" height="32" rx="7" />
            <path className="brand-token" d="M8 9h16v4a3 3 0 0 0 0 6v4H8v-4a3 3 0 0 0 0-6z" />
          </svg>
          Tessera
        </a>
        <nav aria-label="Site">
          <a href="/docs">API</a>
        </nav>
      </header>
      <main id="content" tabIndex={-1}>
        {children}
      </main>
      <footer>Places that cannot be sold twice.</footer>
    </>
  );
}
