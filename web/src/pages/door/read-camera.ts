/** Reads the code that a video shows now; null where it shows none. */
export type ReadFrame = () => Promise<string | null>;

/** Why there are no pictures. */
export type CameraFault = "insecure" | "refused" | "none" | "busy";

interface Detector {
  detect(image: HTMLVideoElement): Promise<readonly { readonly rawValue: string }[]>;
}

interface DetectorClass {
  new (options: { formats: readonly string[] }): Detector;
  getSupportedFormats(): Promise<readonly string[]>;
}

/** The camera on the back, in the video. Or why not, for a person to change it. */
export async function openCamera(video: HTMLVideoElement): Promise<MediaStream | CameraFault> {
  if (!window.isSecureContext || navigator.mediaDevices === undefined) return "insecure";
  try {
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: false,
      video: { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 } },
    });
    video.srcObject = stream;
    await video.play();
    return stream;
  } catch (error) {
    return faultOf(error);
  }
}

/** Turns the lamp beside the camera on and off; null where there is none. */
export function lampOf(stream: MediaStream): ((isOn: boolean) => void) | null {
  const [track] = stream.getVideoTracks();
  // Browsers know it; the standard's types do not yet.
  const able = (track?.getCapabilities?.() ?? {}) as { readonly torch?: boolean };
  if (track === undefined || able.torch !== true) return null;
  return (isOn) =>
    void track
      .applyConstraints({ advanced: [{ torch: isOn } as MediaTrackConstraintSet] })
      .catch(() => undefined);
}

/** Loads what reads codes, for a camera that is turned on when there is no network any more. */
export async function prepareReader(): Promise<void> {
  if ((await ownDetector()) === null) await loadReader();
}

const loadReader = () => import("qr/dom.js");

/** By the browser's own reader where it has one, else by ours, which is only loaded then. */
export async function openReader(video: HTMLVideoElement, stream: MediaStream): Promise<ReadFrame> {
  const own = await ownDetector();
  if (own !== null) {
    return async () => (await own.detect(video))[0]?.rawValue ?? null;
  }
  const { QRCamera, QRCanvas } = await loadReader();
  const camera = new QRCamera(video, stream);
  const canvas = new QRCanvas();
  return async () => {
    const found = await camera.readFrame(canvas);
    return typeof found === "string" ? found : null;
  };
}

async function ownDetector(): Promise<Detector | null> {
  const { BarcodeDetector } = globalThis as { readonly BarcodeDetector?: DetectorClass };
  if (BarcodeDetector === undefined) return null;
  const formats = await BarcodeDetector.getSupportedFormats().catch((): readonly string[] => []);
  return formats.includes("qr_code") ? new BarcodeDetector({ formats: ["qr_code"] }) : null;
}

function faultOf(error: unknown): CameraFault {
  const { name } = error as { readonly name?: string };
  if (name === "NotAllowedError" || name === "SecurityError") return "refused";
  return name === "NotFoundError" || name === "OverconstrainedError" ? "none" : "busy";
}
