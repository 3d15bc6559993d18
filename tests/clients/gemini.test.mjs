import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError, GoogleGenAI } from '@google/genai';
import {
  cachedTokens, collect, cuts, eventStreamCuts, failure, interrupted, prompt, promptTokens, say,
  simulate,
} from './simulator.mjs';

/** The models of a client that does not retry. */
function models(url, headers = {}, apiKey = 'any') {
  const client = new GoogleGenAI({
    apiKey,
    httpOptions: { baseUrl: url, headers: { 'X-Sim-Output-Tokens': '30', ...headers } },
  });
  return client.models;
}

const question = { model: 'sim', contents: prompt };
const shown = { thinkingConfig: { includeThoughts: true } };

/** What a stream said, and how it ended. */
async function read(stream) {
  const chunks = await collect(stream);
  const parts = chunks.flatMap((chunk) => chunk.candidates[0].content.parts);
  const join = (wanted) => parts.filter(wanted).map((part) => part.text).join('');
  return {
    pieces: chunks.map((chunk) => chunk.text).filter(Boolean),
    thoughts: join((part) => part.thought),
    finish: chunks.at(-1)?.candidates[0].finishReason,
    usage: chunks.at(-1)?.usageMetadata,
  };
}

test('gemini: a stream gives the words, the finish reason and the usage', async (t) => {
  const answer = await read(await models(await simulate(t)).generateContentStream(question));
  assert.equal(answer.pieces.join(''), say(30));
  assert.equal(answer.pieces.length, 30);
  assert.equal(answer.finish, 'STOP');
  assert.equal(answer.usage.promptTokenCount, promptTokens);
  assert.equal(answer.usage.candidatesTokenCount, 30);
  assert.equal(answer.usage.totalTokenCount, promptTokens + 30);
});

test('gemini: a whole answer says the same as a stream', async (t) => {
  const config = { maxOutputTokens: 20 };
  const answer = await models(await simulate(t)).generateContent({ ...question, config });
  assert.equal(answer.text, say(20));
  assert.equal(answer.candidates[0].finishReason, 'MAX_TOKENS');
  assert.equal(answer.usageMetadata.candidatesTokenCount, 20);
});

test('gemini: thoughts and cached tokens are told apart', async (t) => {
  const asked = models(await simulate(t), { 'X-Sim-Reasoning-Tokens': '10' });
  const whole = await asked.generateContent({ ...question, config: shown });
  assert.deepEqual(whole.candidates[0].content.parts, [
    { text: say(10), thought: true },
    { text: say(20) },
  ]);
  const answer = await read(await asked.generateContentStream({ ...question, config: shown }));
  assert.equal(answer.thoughts, say(10));
  assert.equal(answer.pieces.join(''), say(20));
  assert.equal(answer.usage.candidatesTokenCount, 20);
  assert.equal(answer.usage.thoughtsTokenCount, 10);
  assert.equal(answer.usage.cachedContentTokenCount, cachedTokens);
  const hidden = await read(await asked.generateContentStream(question));
  assert.equal(hidden.thoughts, '');
  assert.equal(hidden.usage.thoughtsTokenCount, 10);
});

test('gemini: the words survive any cut of the stream', async (t) => {
  const url = await simulate(t);
  for (const cut of [...cuts, ...eventStreamCuts]) {
    const answer = await read(await models(url, cut).generateContentStream(question));
    assert.equal(answer.pieces.join(''), say(30), JSON.stringify(cut));
    assert.equal(answer.finish, 'STOP');
  }
});

test('gemini: an error before the answer has its status', async (t) => {
  const url = await simulate(t);
  for (const [fault, status, name] of [
    ['status_401', 401, 'UNAUTHENTICATED'],
    ['status_404', 404, 'NOT_FOUND'],
    ['context_length', 400, 'INVALID_ARGUMENT'],
    ['status_429', 429, 'RESOURCE_EXHAUSTED'],
    ['status_500', 500, 'INTERNAL'],
    ['overloaded', 503, 'UNAVAILABLE'],
    ['status_529', 529, 'UNAVAILABLE'],
  ]) {
    const asked = models(url, { 'X-Sim-Fault': fault });
    for (const answer of [asked.generateContent(question), asked.generateContentStream(question)]) {
      const error = await failure(answer);
      assert.equal(error.constructor, ApiError, fault);
      assert.equal(error.status, status);
      assert.equal(JSON.parse(error.message).error.status, name);
    }
  }
});

test('gemini: an error in the stream is thrown after the words before it', async (t) => {
  const url = await simulate(t);
  // The client knows an error only if nothing else comes in the same read: hence the gap before it.
  const gap = { 'X-Sim-Output-Tokens': '2', 'X-Sim-ITL': '500ms' };
  for (const [fault, status] of [['error_event', 500], ['overloaded_event', 503]]) {
    const asked = models(url, { ...gap, 'X-Sim-Fault': fault });
    const { said, error } = await interrupted(await asked.generateContentStream(question));
    assert.deepEqual(said.map((chunk) => chunk.text), [say(1)]);
    assert.equal(error.constructor, ApiError, fault);
    assert.equal(error.status, status);
  }
});

test('gemini: only the right key is let in', async (t) => {
  const url = await simulate(t, { key: 'right' });
  const error = await failure(models(url, {}, 'wrong').generateContent(question));
  assert.equal(error.constructor, ApiError);
  assert.equal(error.status, 400);
  assert.equal(JSON.parse(error.message).error.details[0].reason, 'API_KEY_INVALID');
  assert.equal((await models(url, {}, 'right').generateContent(question)).text, say(30));
});
