"""PyTorch's side of benchmarks/lenet.mjs: SGD-momentum steps of the same LeNet, one line of JSON on stdout.

Usage: lenet_torch.py THREADS STEPS
"""

import json
import sys
import time

import torch
from torch import nn

threads, steps = int(sys.argv[1]), int(sys.argv[2])
torch.set_num_threads(threads)
torch.manual_seed(0)

model = nn.Sequential(
    nn.Conv2d(1, 32, 5, padding=2), nn.MaxPool2d(2), nn.ReLU(),
    nn.Conv2d(32, 64, 5, padding=2), nn.MaxPool2d(2), nn.ReLU(),
    nn.Flatten(), nn.Linear(64 * 7 * 7, 512), nn.ReLU(), nn.Linear(512, 10),
)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
features, labels = torch.randn(64 * 16, 1, 28, 28), torch.randint(10, (64 * 16,))


def step(index):
    rows = slice(64 * (index % 16), 64 * (index % 16 + 1))
    optimizer.zero_grad(set_to_none=True)
    nn.functional.cross_entropy(model(features[rows]), labels[rows]).backward()
    optimizer.step()


for index in range(8):
    step(index)
start = time.perf_counter()
for index in range(steps):
    step(index)
seconds = time.perf_counter() - start
print(json.dumps({"version": torch.__version__, "samples_per_second": 64 * steps / seconds}))
