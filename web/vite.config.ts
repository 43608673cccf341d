import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const server = "http://127.0.0.1:8080";

// biome-ignore lint/style/noDefaultExport: Vite takes its configuration in no other way
export default defineConfig({
  plugins: [react()],
  build: { target: "es2022" },
  // npm run dev:web: the client is rebuilt while one types, the API is that of npm run dev.
  server: { proxy: { "/v1": server, "/docs": server, "/openapi.json": server } },
});
