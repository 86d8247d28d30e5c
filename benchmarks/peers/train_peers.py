"""Final losses (half the sum of squares) of torch or scikit-learn on data from standard input; exit code 3 when the library is missing.

Input: {"X": rows, "y": list, "units": n, "seeds": n}; output: {"version", "losses", "seconds"}. torch: Adam with 20,000 full-batch steps, cosine from 0.01, then L-BFGS; scikit-learn:
MLPRegressor with its L-BFGS. Double precision, one thread, CPU seconds for each run.
"""
import json
import sys
import time


def by_torch(X, y, units, seed, torch):
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    model = torch.nn.Sequential(torch.nn.Linear(X.shape[1], units), torch.nn.ReLU(), torch.nn.Linear(units, 1)).double()
    inputs, targets = torch.tensor(X), torch.tensor(y).unsqueeze(1)

    def risk():
        return 0.5 * ((model(inputs) - targets) ** 2).sum()

    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=20_000, eta_min=1e-6)
    for _ in range(20_000):
        optimizer.zero_grad()
        risk().backward()
        optimizer.step()
        schedule.step()
    final = torch.optim.LBFGS(model.parameters(), max_iter=1000, line_search_fn="strong_wolfe", tolerance_grad=1e-13, tolerance_change=1e-16)

    def closure():
        final.zero_grad()
        loss = risk()
        loss.backward()
        return loss

    final.step(closure)
    return risk().item()


def by_sklearn(X, y, units, seed, neural_network):
    model = neural_network.MLPRegressor(hidden_layer_sizes=(units,), activation="relu", solver="lbfgs", alpha=0.0, max_iter=20_000, max_fun=10**9, tol=1e-12, random_state=seed)
    model.fit(X, y)
    return 0.5 * float(((model.predict(X) - y) ** 2).sum())


name = sys.argv[1]
try:
    import numpy

    if name == "torch":
        import torch

        version, run, library = torch.__version__, by_torch, torch
    else:
        import sklearn
        import sklearn.neural_network as library

        version, run = sklearn.__version__, by_sklearn
except ImportError:
    sys.exit(3)

task = json.load(sys.stdin)
X, y = numpy.array(task["X"], dtype=float), numpy.array(task["y"], dtype=float)
begun = time.process_time()
losses = [run(X, y, task["units"], seed, library) for seed in range(1, task["seeds"] + 1)]
print(json.dumps({"version": version, "losses": losses, "seconds": (time.process_time() - begun) / task["seeds"]}))
