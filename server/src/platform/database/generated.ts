// biome-ignore lint: replaced by the generator
export type DB = any;
