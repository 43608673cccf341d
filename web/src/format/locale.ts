/** How the visitor writes dates and money, in English: what the pages speak until they are translated. */
export const LOCALE = navigator.languages.find((tag) => tag.startsWith("en")) ?? "en-GB";
