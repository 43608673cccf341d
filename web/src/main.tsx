import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { pageFor } from "./routes.tsx";
import "./style.css";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has an element #root");
createRoot(root).render(<StrictMode>{pageFor(location.pathname)}</StrictMode>);
