import { useEffect, useRef, useState } from "react";
import { CAMERA_WORDS, WORDS } from "./door-words.ts";
import { type CameraFault, lampOf, openCamera, openReader } from "./read-camera.ts";

interface CameraProps {
  /** Called with the code in every picture that shows one. */
  readonly onCode: (code: string) => void;
  readonly onClose: () => void;
}

/** Between two pictures: often enough that nobody waits, seldom enough that the phone stays cool. */
const PAUSE_MS = 60;

/** What the camera sees, and the codes in it. */
export function Camera({ onCode, onClose }: CameraProps) {
  const video = useRef<HTMLVideoElement>(null);
  const found = useRef(onCode);
  const [fault, setFault] = useState<CameraFault | null>(null);
  const [lamp, setLamp] = useState<((isOn: boolean) => void) | null>(null);
  const [isLit, setLit] = useState(false);
  const [tries, setTries] = useState(0);
  useEffect(() => {
    found.current = onCode;
  }, [onCode]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another try is another camera
  useEffect(() => {
    const player = video.current;
    if (player === null) return;
    const stopped = new AbortController();
    setFault(null);
    setLit(false);
    const handles = {
      onCode: (code: string) => found.current(code),
      onOpen: (stream: MediaStream) => setLamp(() => lampOf(stream)),
    };
    watch(player, handles, stopped.signal)
      .then((why) => {
        if (!stopped.signal.aborted && why !== null) setFault(why);
      })
      .catch(() => setFault("busy"));
    return () => stopped.abort();
  }, [tries]);
  return (
    <div className="gate-camera">
      <video ref={video} aria-label={WORDS.cameraLabel} muted playsInline hidden={fault !== null} />
      {lamp === null || fault !== null ? null : (
        <button
          type="button"
          className="gate-lamp"
          aria-pressed={isLit}
          onClick={() => {
            lamp(!isLit);
            setLit(!isLit);
          }}
        >
          {WORDS.light}
        </button>
      )}
      {fault === null ? null : (
        <div role="alert">
          <p>{CAMERA_WORDS[fault]}</p>
          {fault === "insecure" ? null : (
            <button type="button" onClick={() => setTries(tries + 1)}>
              {WORDS.retryCamera}
            </button>
          )}
          <button type="button" onClick={onClose}>
            {WORDS.startWithout}
          </button>
        </div>
      )}
    </div>
  );
}

interface WatchHandles {
  readonly onCode: (code: string) => void;
  readonly onOpen: (stream: MediaStream) => void;
}

/** Looks until the signal. Why there are no pictures; null when there were. */
async function watch(
  player: HTMLVideoElement,
  { onCode, onOpen }: WatchHandles,
  signal: AbortSignal,
): Promise<CameraFault | null> {
  const stream = await openCamera(player);
  if (typeof stream === "string") return stream;
  const stop = () => {
    for (const track of stream.getTracks()) track.stop();
  };
  if (signal.aborted) {
    stop();
    return null;
  }
  signal.addEventListener("abort", stop);
  onOpen(stream);
  const read = await openReader(player, stream);
  while (!signal.aborted) {
    // One picture that cannot be read is followed by the next.
    const code = await read().catch(() => null);
    if (code !== null && !signal.aborted) onCode(code);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  return null;
}
