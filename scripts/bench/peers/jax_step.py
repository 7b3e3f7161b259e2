"""`jax_step.py FOLDER`: the same training step in JAX, compiled whole by jit, its parameters and moments donated."""
import math
import jax
import jax.numpy as jnp
from given_work import depth, heads, is_decayed, layers, load_arrays, load_ids, rows, tokens, width, work
from peer import serve

weights = {name: jnp.asarray(array) for name, array in load_arrays().items()}
ids = jnp.asarray(load_ids(), dtype=jnp.int32)
decayed = {name: is_decayed(name, array) for name, array in weights.items()}
hidden = jnp.where(jnp.tril(jnp.ones((tokens, tokens), bool)), 0.0, -1e9).astype(jnp.float32)
beta1, beta2, epsilon, rate = (work[key] for key in ('beta1', 'beta2', 'epsilon', 'learningRate'))


def norm(w, name, x):
    centred = x - x.mean(-1, keepdims=True)
    return centred * jax.lax.rsqrt((centred ** 2).mean(-1, keepdims=True) + 1e-5) * w[f'{name}.weight'] + w[f'{name}.bias']


def linear(w, name, x):
    return x @ w[f'{name}.weight'] + w[f'{name}.bias']


def attend(qkv):
    q, k, v = (part.reshape(rows, tokens, heads, depth).swapaxes(1, 2) for part in jnp.split(qkv, 3, 1))
    p = jax.nn.softmax(q @ k.swapaxes(-1, -2) / math.sqrt(depth) + hidden, -1)
    return (p @ v).swapaxes(1, 2).reshape(rows * tokens, width)


def loss_of(w):
    x = (w['transformer.wte.weight'][ids[:, :-1]] + w['transformer.wpe.weight'][:tokens]).reshape(rows * tokens, width)
    for layer in range(layers):
        at = f'transformer.h.{layer}.'
        x = x + linear(w, at + 'attn.c_proj', attend(linear(w, at + 'attn.c_attn', norm(w, at + 'ln_1', x))))
        x = x + linear(w, at + 'mlp.c_proj', jax.nn.gelu(linear(w, at + 'mlp.c_fc', norm(w, at + 'ln_2', x)), approximate=True))
    logits = norm(w, 'transformer.ln_f', x) @ w['transformer.wte.weight'].T
    return -jnp.take_along_axis(jax.nn.log_softmax(logits), ids[:, 1:].reshape(-1, 1), 1).mean()


def update(w, m, v, count):
    loss, grads = jax.value_and_grad(loss_of)(w)
    scale = jnp.minimum(1.0, work['clipNorm'] / (jnp.sqrt(sum((g ** 2).sum() for g in grads.values())) + 1e-6))
    count = count + 1
    step, correction = rate / (1 - beta1 ** count), 1 / jnp.sqrt(1 - beta2 ** count)
    m = {name: beta1 * m[name] + (1 - beta1) * scale * g for name, g in grads.items()}
    v = {name: beta2 * v[name] + (1 - beta2) * (scale * g) ** 2 for name, g in grads.items()}
    w = {name: value * (1 - rate * work['weightDecay'] if decayed[name] else 1) - step * m[name] / (jnp.sqrt(v[name]) * correction + epsilon) for name, value in w.items()}
    return w, m, v, count, loss


zeros = {name: jnp.zeros_like(value) for name, value in weights.items()}
state = (weights, zeros, {name: jnp.zeros_like(value) for name, value in weights.items()}, jnp.float32(0))
compiled = jax.jit(update, donate_argnums=(0, 1, 2, 3))


def step():
    global state
    *state, loss = compiled(*state)
    return float(loss)


first = step()
serve(f'JAX {jax.__version__}, jit, {jax.devices()[0].platform}', step, first)
