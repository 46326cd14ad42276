// What the pages of the Next apps show: a token, got in several ways.
import { buildTokenRequest, tokenSource } from "edge-credentials";

const WAYS = {
  issuer: ({ issuer, ...client }) => fromSource({ issuer, ...client }),
  endpoint: ({ issuer, ...client }) => fromSource({ tokenEndpoint: `${issuer}/token`, ...client }),
  built: ({ issuer, ...client }) => {
    const request = buildTokenRequest({ tokenEndpoint: `${issuer}/token`, ...client });
    return fetched(request.url, request);
  },
  plain: ({ issuer }) => fetched(`${issuer}/token`, { method: "POST", cache: "no-store" }),
  kept: ({ issuer }) => fetched(`${issuer}/token`, { method: "POST" }),
};

export function tokenBy(way) {
  return WAYS[way](JSON.parse(process.env.SETTINGS));
}

async function fromSource(options) {
  return (await tokenSource(options).get()).accessToken;
}

/** Data that Next keeps until it is told that its tag has changed. */
export async function taggedData() {
  const { issuer } = JSON.parse(process.env.SETTINGS);
  const response = await fetch(`${issuer}/data`, {
    cache: "force-cache",
    next: { tags: ["data"] },
  });
  return (await response.json()).data;
}

async function fetched(url, init) {
  return (await (await fetch(url, init)).json()).access_token;
}
