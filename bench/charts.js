// @ts-check
/** @typedef {{ name: string, isOurs: boolean, across: number, without: number, renewedAt: number[], slowest: number[] }} LatencyLine */
