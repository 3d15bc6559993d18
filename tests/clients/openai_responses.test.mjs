import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI from 'openai';
import {
  cachedTokens, collect, cuts, eventStreamCuts, failure, prompt, promptTokens, say, simulate,
} from './simulator.mjs';

function ask(url, headers = {}, more = {}, apiKey = 'any') {
  const openai = new OpenAI({
    baseURL: `${url}/v1`, apiKey, maxRetries: 0,
    defaultHeaders: { 'X-Sim-Output-Tokens': '30', ...headers },
  });
  return openai.responses.create({ model: 'sim', input: prompt, ...more });
}

const streamed = { stream: true };

/** The events of a stream, the words in its deltas, and the response that it ended with. */
async function read(stream) {
  const events = await collect(stream);
  const deltas = (type) => events.filter((event) => event.type === type).map(({ delta }) => delta);
  return {
    events,
    pieces: deltas('response.output_text.delta'),
    reasoning: deltas('response.reasoning_summary_text.delta').join(''),
    end: events.at(-1),
    response: events.at(-1)?.response,
  };
}

test('openai responses: a stream gives the words, the status and the usage', async (t) => {
  const answer = await read(await ask(await simulate(t), {}, streamed));
  assert.equal(answer.pieces.join(''), say(30));
  assert.equal(answer.pieces.length, 30);
  assert.equal(answer.end.type, 'response.completed');
  assert.equal(answer.response.status, 'completed');
  assert.equal(answer.response.output[0].content[0].text, say(30));
  assert.deepEqual(answer.response.usage, {
    input_tokens: promptTokens,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: 30,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: promptTokens + 30,
  });
  assert.deepEqual(
    answer.events.map((event) => event.sequence_number),
    answer.events.map((_, index) => index),
  );
});

test('openai responses: a whole answer that is cut off is incomplete', async (t) => {
  const answer = await ask(await simulate(t), {}, { max_output_tokens: 20 });
  assert.equal(answer.output_text, say(20));
  assert.equal(answer.status, 'incomplete');
  assert.equal(answer.incomplete_details.reason, 'max_output_tokens');
  assert.equal(answer.usage.output_tokens, 20);
});

test('openai responses: reasoning and cached tokens are told apart', async (t) => {
  const url = await simulate(t);
  const thinking = { 'X-Sim-Reasoning-Tokens': '10' };
  const shown = { reasoning: { summary: 'auto' } };
  const whole = await ask(url, thinking, shown);
  assert.equal(whole.output[0].type, 'reasoning');
  assert.equal(whole.output[0].summary[0].text, say(10));
  assert.equal(whole.output_text, say(20));
  const answer = await read(await ask(url, thinking, { ...streamed, ...shown }));
  assert.equal(answer.reasoning, say(10));
  assert.equal(answer.pieces.join(''), say(20));
  assert.equal(answer.response.usage.output_tokens, 30);
  assert.equal(answer.response.usage.output_tokens_details.reasoning_tokens, 10);
  assert.equal(answer.response.usage.input_tokens_details.cached_tokens, cachedTokens);
  const hidden = await read(await ask(url, thinking, streamed));
  assert.equal(hidden.reasoning, '');
  assert.equal(hidden.pieces.join(''), say(20));
});

test('openai responses: the words survive any cut of the stream', async (t) => {
  const url = await simulate(t);
  for (const cut of [...cuts, ...eventStreamCuts]) {
    const answer = await read(await ask(url, cut, streamed));
    assert.equal(answer.pieces.join(''), say(30), JSON.stringify(cut));
    assert.equal(answer.response.output[0].content[0].text, say(30));
  }
});

test('openai responses: an error before the answer is of its own class', async (t) => {
  const url = await simulate(t, { key: 'sk-right' });
  const wrong = await failure(ask(url, {}, streamed, 'sk-wrong'));
  assert.equal(wrong.constructor, OpenAI.AuthenticationError);
  for (const [fault, kind, code] of [
    ['context_length', OpenAI.BadRequestError, 'context_length_exceeded'],
    ['status_429', OpenAI.RateLimitError, 'rate_limit_exceeded'],
    ['status_500', OpenAI.InternalServerError, 'server_error'],
    ['status_529', OpenAI.InternalServerError, 'server_is_overloaded'],
  ]) {
    const error = await failure(ask(url, { 'X-Sim-Fault': fault }, streamed, 'sk-right'));
    assert.equal(error.constructor, kind, fault);
    assert.equal(error.code, code);
  }
});

test('openai responses: a stream that fails ends in the event that says so', async (t) => {
  const url = await simulate(t);
  const failed = await read(await ask(url, { 'X-Sim-Fault': 'error_event' }, streamed));
  assert.equal(failed.pieces.join(''), say(15));
  assert.equal(failed.end.type, 'response.failed');
  assert.equal(failed.response.status, 'failed');
  assert.equal(failed.response.error.code, 'server_error');
  const limited = await read(await ask(url, { 'X-Sim-Fault': 'rate_limit_event' }, streamed));
  assert.equal(limited.pieces.join(''), say(15));
  assert.equal(limited.end.type, 'error');
  assert.equal(limited.end.code, 'rate_limit_exceeded');
});
