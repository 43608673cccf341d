import type { Tone } from "./door-words.ts";

// What is heard and felt: a gate is looked at last. Three patterns that are told apart without looking.

interface Note {
  /** Seconds after the first. */
  readonly at: number;
  readonly seconds: number;
  readonly hertz: number;
}

const NOTES: Readonly<Record<Tone, readonly Note[]>> = {
  good: [
    { at: 0, seconds: 0.09, hertz: 880 },
    { at: 0.1, seconds: 0.16, hertz: 1320 },
  ],
  warn: [
    { at: 0, seconds: 0.14, hertz: 520 },
    { at: 0.2, seconds: 0.14, hertz: 520 },
    { at: 0.4, seconds: 0.14, hertz: 520 },
  ],
  bad: [{ at: 0, seconds: 0.6, hertz: 180 }],
};

const VIBRATIONS: Readonly<Record<Tone, number[]>> = {
  good: [80],
  warn: [120, 80, 120, 80, 120],
  bad: [600],
};
const LOUDNESS = 0.35;
const FADE_SECONDS = 0.02;

export interface GateSignals {
  give(tone: Tone): void;
}

/** To be made in answer to a tap: only then browsers let a page be heard. */
export function createGateSignals(): GateSignals {
  const context = typeof AudioContext === "undefined" ? null : new AudioContext();
  return {
    give: (tone) => {
      navigator.vibrate?.(VIBRATIONS[tone]);
      if (context === null) return;
      // A phone that was locked has stopped it.
      void context.resume().catch(() => undefined);
      for (const note of NOTES[tone]) play(context, note, tone === "bad" ? "square" : "sine");
    },
  };
}

function play(context: AudioContext, { at, seconds, hertz }: Note, type: OscillatorType): void {
  const from = context.currentTime + at;
  const until = from + seconds;
  const loudness = context.createGain();
  loudness.gain.setValueAtTime(0, from);
  loudness.gain.linearRampToValueAtTime(LOUDNESS, from + FADE_SECONDS);
  loudness.gain.setValueAtTime(LOUDNESS, until - FADE_SECONDS);
  loudness.gain.linearRampToValueAtTime(0, until);
  const tone = context.createOscillator();
  tone.type = type;
  tone.frequency.value = hertz;
  tone.connect(loudness).connect(context.destination);
  tone.start(from);
  tone.stop(until);
}
