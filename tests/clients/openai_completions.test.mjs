import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI from 'openai';
import {
  cachedTokens, collect, cuts, eventStreamCuts, failure, interrupted, prompt, promptTokens, say,
  simulate,
} from './simulator.mjs';

function ask(url, headers = {}, more = {}) {
  const openai = new OpenAI({
    baseURL: `${url}/v1`, apiKey: 'any', maxRetries: 0, defaultHeaders: headers,
  });
  return openai.completions.create({ model: 'sim', prompt, max_tokens: 30, ...more });
}

const streamed = { stream: true, stream_options: { include_usage: true } };

async function read(stream) {
  const chunks = await collect(stream);
  const choices = chunks.flatMap((chunk) => chunk.choices);
  return {
    text: choices.map((choice) => choice.text).join(''),
    finish: choices.at(-1)?.finish_reason,
    usage: chunks.at(-1)?.usage,
  };
}

test('openai completions: a stream and a whole answer say the same', async (t) => {
  const url = await simulate(t);
  const whole = await ask(url);
  assert.equal(whole.choices[0].text, say(30));
  assert.equal(whole.choices[0].finish_reason, 'length');
  assert.equal(whole.usage.prompt_tokens, promptTokens);
  const answer = await read(await ask(url, {}, streamed));
  assert.equal(answer.text, say(30));
  assert.equal(answer.finish, 'length');
  assert.equal(answer.usage.completion_tokens, 30);
  assert.equal(answer.usage.prompt_tokens_details.cached_tokens, cachedTokens);
});

test('openai completions: the words survive any cut of the stream', async (t) => {
  const url = await simulate(t);
  for (const cut of [...cuts, ...eventStreamCuts]) {
    const answer = await read(await ask(url, { 'X-Sim-Output-Tokens': '20', ...cut }, streamed));
    assert.equal(answer.text, say(20), JSON.stringify(cut));
    assert.equal(answer.finish, 'stop');
  }
});

test('openai completions: errors before and in the stream are of their own class', async (t) => {
  const url = await simulate(t);
  for (const [fault, kind] of [
    ['status_401', OpenAI.AuthenticationError],
    ['context_length', OpenAI.BadRequestError],
    ['status_429', OpenAI.RateLimitError],
    ['status_500', OpenAI.InternalServerError],
    ['status_529', OpenAI.InternalServerError],
  ]) {
    const error = await failure(ask(url, { 'X-Sim-Fault': fault }, streamed));
    assert.equal(error.constructor, kind, fault);
  }
  const stream = await ask(
    url, { 'X-Sim-Output-Tokens': '30', 'X-Sim-Fault': 'error_event' }, streamed,
  );
  const { said, error } = await interrupted(stream);
  assert.equal(said.map((chunk) => chunk.choices[0].text).join(''), say(15));
  assert.equal(error.constructor, OpenAI.APIError);
  assert.equal(error.code, 'server_error');
});
