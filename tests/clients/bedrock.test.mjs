import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  AccessDeniedException, BedrockRuntimeClient, BedrockRuntimeServiceException, ConverseCommand,
  ConverseStreamCommand, InternalServerException, InvokeModelCommand,
  InvokeModelWithResponseStreamCommand, ResourceNotFoundException, ServiceQuotaExceededException,
  ServiceUnavailableException, ThrottlingException, ValidationException,
} from '@aws-sdk/client-bedrock-runtime';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import {
  cachedTokens, collect, cuts, failure, interrupted, prompt, promptTokens, say, simulate,
} from './simulator.mjs';

/** Its key is the secret that requests must be signed with. */
const secretAccessKey = 'wJalr/simulated+secret';

function client(url, headers = {}, identity = {}) {
  const bedrock = new BedrockRuntimeClient({
    endpoint: url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIASIMULATOR', secretAccessKey },
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler(),
    ...identity,
  });
  const more = { 'X-Sim-Output-Tokens': '30', ...headers };
  bedrock.middlewareStack.add(
    (next) => (call) => {
      Object.assign(call.request.headers, more);
      return next(call);
    },
    { step: 'build' },
  );
  return bedrock;
}

/** Its colon must be escaped in the path, and escaped twice in what is signed. */
const modelId = 'anthropic.claude-3-5-haiku-20241022-v1:0';

const question = { modelId, messages: [{ role: 'user', content: [{ text: prompt }] }] };

const converse = (bedrock, more) => bedrock.send(new ConverseCommand({ ...question, ...more }));
const converseStream = (bedrock) => bedrock.send(new ConverseStreamCommand(question));

/** What a Converse stream said, and how it ended. */
async function read(answer) {
  const events = await collect(answer.stream);
  const deltas = events.flatMap((event) => event.contentBlockDelta?.delta ?? []);
  return {
    pieces: deltas.map((delta) => delta.text).filter(Boolean),
    reasoning: deltas.map((delta) => delta.reasoningContent?.text ?? '').join(''),
    stopReason: events.find((event) => event.messageStop)?.messageStop.stopReason,
    usage: events.at(-1)?.metadata?.usage,
  };
}

const body = JSON.stringify({
  anthropic_version: 'bedrock-2023-05-31',
  max_tokens: 2000,
  messages: [{ role: 'user', content: prompt }],
});
const invocation = { modelId, body, contentType: 'application/json' };

/** The events of Anthropic's that the chunks of an InvokeModel stream hold. */
async function readChunks(answer) {
  const chunks = await collect(answer.body);
  return chunks.map(({ chunk }) => JSON.parse(new TextDecoder().decode(chunk.bytes)));
}

function textOf(events) {
  return events.map((event) => event.delta?.text ?? '').join('');
}

test('bedrock: a Converse stream gives the words, the stop reason and the usage', async (t) => {
  const url = await simulate(t, { key: secretAccessKey });
  const answer = await read(await converseStream(client(url)));
  assert.equal(answer.pieces.join(''), say(30));
  assert.equal(answer.pieces.length, 30);
  assert.equal(answer.stopReason, 'end_turn');
  assert.equal(answer.usage.inputTokens, promptTokens);
  assert.equal(answer.usage.outputTokens, 30);
  assert.equal(answer.usage.totalTokens, promptTokens + 30);
});

test('bedrock: a whole Converse answer says the same as a stream', async (t) => {
  const url = await simulate(t, { key: secretAccessKey });
  const answer = await converse(client(url), { inferenceConfig: { maxTokens: 20 } });
  assert.equal(answer.output.message.content[0].text, say(20));
  assert.equal(answer.stopReason, 'max_tokens');
  assert.equal(answer.usage.outputTokens, 20);
});

test('bedrock: reasoning and cached tokens are told apart', async (t) => {
  const url = await simulate(t, { key: secretAccessKey });
  const bedrock = client(url, { 'X-Sim-Reasoning-Tokens': '10' });
  const whole = await converse(bedrock);
  const [reasoning, text] = whole.output.message.content;
  assert.equal(reasoning.reasoningContent.reasoningText.text, say(10));
  assert.equal(text.text, say(20));
  const answer = await read(await converseStream(bedrock));
  assert.equal(answer.reasoning, say(10));
  assert.equal(answer.pieces.join(''), say(20));
  assert.equal(answer.usage.outputTokens, 30);
  assert.equal(answer.usage.cacheReadInputTokens, cachedTokens);
  assert.equal(answer.usage.inputTokens, promptTokens - cachedTokens);
});

test('bedrock: InvokeModel speaks as the model does', async (t) => {
  const url = await simulate(t, { key: secretAccessKey });
  const whole = await client(url).send(new InvokeModelCommand(invocation));
  const message = JSON.parse(new TextDecoder().decode(whole.body));
  assert.equal(message.content[0].text, say(30));
  assert.equal(message.usage.output_tokens, 30);
  const events = await readChunks(
    await client(url).send(new InvokeModelWithResponseStreamCommand(invocation)),
  );
  assert.equal(textOf(events), say(30));
  const delta = events.find((event) => event.type === 'message_delta');
  assert.equal(delta.delta.stop_reason, 'end_turn');
  assert.equal(delta.usage.output_tokens, 30);
  const metrics = events.at(-1)['amazon-bedrock-invocationMetrics'];
  assert.equal(metrics.outputTokenCount, 30);
});

test('bedrock: the words survive any cut of the stream', async (t) => {
  const url = await simulate(t, { key: secretAccessKey });
  for (const cut of cuts) {
    const answer = await read(await converseStream(client(url, cut)));
    assert.equal(answer.pieces.join(''), say(30), JSON.stringify(cut));
    const invoked = await client(url, cut).send(
      new InvokeModelWithResponseStreamCommand(invocation),
    );
    assert.equal(textOf(await readChunks(invoked)), say(30), JSON.stringify(cut));
  }
});

test('bedrock: an error before the answer is of its own class', async (t) => {
  const url = await simulate(t, { key: secretAccessKey });
  for (const [fault, kind, status] of [
    ['status_403', AccessDeniedException, 403],
    ['status_404', ResourceNotFoundException, 404],
    ['context_length', ValidationException, 400],
    ['status_429', ThrottlingException, 429],
    ['quota', ServiceQuotaExceededException, 400],
    ['status_500', InternalServerException, 500],
    ['overloaded', ServiceUnavailableException, 503],
  ]) {
    const bedrock = client(url, { 'X-Sim-Fault': fault });
    for (const answer of [
      converse(bedrock),
      converseStream(bedrock),
      bedrock.send(new InvokeModelWithResponseStreamCommand(invocation)),
    ]) {
      const error = await failure(answer);
      assert.equal(error.constructor, kind, fault);
      assert.equal(error.$metadata.httpStatusCode, status);
      assert.ok(error.$metadata.requestId);
    }
  }
});

test('bedrock: an error in the stream is thrown after the words before it', async (t) => {
  const url = await simulate(t, { key: secretAccessKey });
  for (const [fault, kind] of [
    ['error_event', InternalServerException],
    ['overloaded_event', ServiceUnavailableException],
    ['rate_limit_event', ThrottlingException],
  ]) {
    const bedrock = client(url, { 'X-Sim-Fault': fault });
    const { said, error } = await interrupted((await converseStream(bedrock)).stream);
    assert.equal(said.map((event) => event.contentBlockDelta?.delta.text ?? '').join(''), say(15));
    assert.equal(error.constructor, kind, fault);
    const invoked = await bedrock.send(new InvokeModelWithResponseStreamCommand(invocation));
    assert.equal((await interrupted(invoked.body)).error.constructor, kind, fault);
  }
});

test('bedrock: a message with a wrong checksum is an error', async (t) => {
  const url = await simulate(t, { key: secretAccessKey });
  const { stream } = await converseStream(client(url, { 'X-Sim-Fault': 'corrupt_crc' }));
  assert.match((await interrupted(stream)).error.message, /checksum/);
});

test('bedrock: only the right signature or bearer token is let in', async (t) => {
  const url = await simulate(t, { key: secretAccessKey });
  const signer = { accessKeyId: 'AKIASIMULATOR', secretAccessKey };
  const bearer = (token) => ({ token: { token }, authSchemePreference: ['httpBearerAuth'] });
  for (const [identity, name] of [
    [{ credentials: { ...signer, secretAccessKey: 'wrong' } }, 'InvalidSignatureException'],
    [{ credentials: { ...signer, accessKeyId: 'AKIAOTHER' } }, 'UnrecognizedClientException'],
    [{ systemClockOffset: 600_000 }, 'InvalidSignatureException'],
    [bearer('wrong'), 'AccessDeniedException'],
  ]) {
    for (const ask of [converse, converseStream]) {
      const error = await failure(ask(client(url, {}, identity)));
      assert.ok(error instanceof BedrockRuntimeServiceException, name);
      assert.equal(error.name, name);
      assert.equal(error.$metadata.httpStatusCode, 403);
    }
  }
  const answer = await converse(client(url, {}, bearer(secretAccessKey)));
  assert.equal(answer.output.message.content[0].text, say(30));
});
