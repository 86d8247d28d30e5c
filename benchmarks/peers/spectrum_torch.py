"""The work of spectrum.ts in torch, one measurement a run: python3 spectrum_torch.py NAME prints a check value and CPU seconds.

One thread, float64, medians after a warm-up. With PYHESSIAN=DIR (a checkout of amirgholami/PyHessian) `d3-pyhessian` runs its density;
torch.linalg.eig(T) there is read with two indices, which current versions of torch refuse: eigh(T) does what is meant.
"""
import math, os, statistics, sys, time
os.environ.setdefault('OMP_NUM_THREADS', '1')
import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.func import functional_call, grad, hessian, jvp

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)

def hash32(x):
    x = np.asarray(x, dtype=np.uint32).copy()
    with np.errstate(over='ignore'):
        x ^= x >> np.uint32(16); x *= np.uint32(0x7feb352d)
        x ^= x >> np.uint32(15); x *= np.uint32(0x846ca68b)
        x ^= x >> np.uint32(16)
    return x

def uniform(seed, n):
    i = (np.arange(n, dtype=np.uint64) + np.uint64((seed * 0x9e3779b1) & 0xffffffff)) & np.uint64(0xffffffff)
    return hash32(i.astype(np.uint32)).astype(np.float64) / 2.0 ** 32

def symmetric(seed, n):
    return 2 * uniform(seed, n) - 1

def initial(sizes):
    count = sum(a * b + b for a, b in zip(sizes, sizes[1:]))
    v, at = symmetric(7, count), 0
    for a, b in zip(sizes, sizes[1:]):
        v[at:at + a * b] *= math.sqrt(3 / a); at += a * b
        v[at:at + b] *= 0.5; at += b
    return torch.tensor(v)

def network(sizes):
    layers = []
    for a, b in zip(sizes, sizes[1:]):
        layers += [nn.Linear(a, b), nn.ReLU()]
    model = nn.Sequential(*layers[:-1])
    nn.utils.vector_to_parameters(initial(sizes), model.parameters())
    return model

def regression():
    X = symmetric(1, 1000).reshape(500, 2)
    return torch.tensor(X), torch.tensor(np.sin(3 * X[:, 0]) + 0.25 * np.abs(X).sum(1) * np.sign(X[:, 1]))[:, None]

def images():
    X = uniform(2, 2000 * 784).reshape(2000, 784) * (uniform(3, 2000 * 784).reshape(2000, 784) < 0.2)
    T = symmetric(4, 7840).reshape(784, 10)
    return torch.tensor(X), torch.tensor(((X - X.mean(0)) @ T).argmax(1))

def measure(act, repeats=3, least=0.3):
    act()
    times = []
    for _ in range(repeats):
        count, begun = 0, time.process_time()
        while count == 0 or time.process_time() - begun < least:
            value = act(); count += 1
        times.append((time.process_time() - begun) / count)
    print(value)
    print(statistics.median(times))

name = sys.argv[1]
if name[:2] in ('a1', 'd1', 'd2'):
    sizes = [2, 16, 16, 1] if name[:2] == 'd1' else [2, 32, 32, 1]
    X, Y = regression()
    model = network(sizes)
    shapes = [(k, p.shape, p.numel()) for k, p in model.named_parameters()]
    def loss(v):
        parameters, at = {}, 0
        for k, shape, count in shapes:
            parameters[k] = v[at:at + count].view(shape); at += count
        return ((functional_call(model, parameters, (X,)) - Y) ** 2).mean()
    theta = initial(sizes)
else:
    X, Y = images()
    model = network([784, 64, 10])
    loss_of = lambda: F.cross_entropy(model(X), Y)
parameters = list(model.parameters())
size = sum(p.numel() for p in parameters)

def products(value):
    """v -> Hv on one graph that is kept: the fastest of torch's ways."""
    flat = torch.cat([g.reshape(-1) for g in torch.autograd.grad(value, parameters, create_graph=True)])
    return lambda v: torch.cat([h.reshape(-1) for h in torch.autograd.grad(flat, parameters, grad_outputs=v, retain_graph=True)])

if name in ('d1-hessian', 'd2-hessian'):
    of = hessian(loss)
    measure(lambda: of(theta).trace().item())
elif name in ('d1-hessian-vmap', 'd2-hessian-vmap'):
    from torch.func import vmap
    eye = torch.eye(size)
    product = vmap(lambda w: jvp(grad(loss), (theta,), (w,))[1])
    measure(lambda: torch.cat([product(eye[i:i + 64]) for i in range(0, size, 64)]).trace().item())
elif name in ('d1-eigenvalues', 'd2-eigenvalues'):
    H = hessian(loss)(theta)
    measure(lambda: torch.linalg.eigvalsh(H)[-1].item())
elif name in ('a1-hvp', 'a2-hvp'):
    v = torch.tensor(symmetric(9, size))
    product = products(((model(X) - Y) ** 2).mean() if name == 'a1-hvp' else loss_of())
    measure(lambda: (v @ product(v)).item())
elif name == 'd3-lanczos':
    def run():
        product, steps = products(loss_of()), 100
        Q, alpha, beta = torch.empty(steps, size), [], []
        v = torch.tensor(np.where(uniform(41, size) < 0.5, -1.0, 1.0)); v /= v.norm()
        for k in range(steps):
            Q[k] = v
            w = product(v); alpha.append((w @ v).item())
            q = Q[:k + 1]
            w = w - (q @ w) @ q; w = w - (q @ w) @ q
            beta.append(w.norm().item()); v = w / beta[-1]
        return np.linalg.eigvalsh(np.diag(alpha) + np.diag(beta[:-1], 1) + np.diag(beta[:-1], -1))[-1]
    measure(run, least=0)
elif name in ('d3-pyhessian', 'd4-pyhessian'):
    sys.path.insert(0, os.environ['PYHESSIAN'])
    from pyhessian import hessian as PyHessian
    torch.manual_seed(0)
    new = lambda: PyHessian(model, nn.CrossEntropyLoss(), data=(X, Y), cuda=False)
    if name == 'd3-pyhessian':
        measure(lambda: max(float(np.real(x)) for x in new().density(iter=100, n_v=1)[0][0]), least=0)
    else:
        measure(lambda: float(np.mean(new().trace())), least=0)
else:
    sys.exit(f'{name}: not a measurement')
