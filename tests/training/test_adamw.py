import torch
from toy_training import ToyModule

from chiasma.training.adamw import AdamW, Group


def toy():
    torch.manual_seed(0)
    module = ToyModule().eval()
    return module, AdamW(
        [Group(list(module.encoder.parameters()), 0.0, 0.5), Group(list(module.head.parameters()), 0.1, 1.0)]
    )


def backward(module, step):
    x = torch.randn(5, 4, generator=torch.Generator().manual_seed(step))
    module({"x": x}).square().mean().backward()


def test_each_step_is_that_of_the_paper():
    module, optimiser = toy()
    plain = {name: value.detach().double() for name, value in module.named_parameters()}
    first, second, done = (dict.fromkeys(plain, 0.0) for _ in range(3))
    for step in range(4):
        module.encoder.requires_grad_(step != 1)  # a frozen step, as in fine-tuning
        optimiser.zero_grad()
        backward(module, step)
        for name, parameter in module.named_parameters():
            if parameter.grad is None:
                continue
            gradient, rate, decay = parameter.grad.double(), 0.05, 0.0
            if name.startswith("head"):
                rate, decay = 0.1, 0.1
            done[name] += 1
            first[name] = 0.9 * first[name] + 0.1 * gradient
            second[name] = 0.999 * second[name] + 0.001 * gradient**2
            mean, square = first[name] / (1 - 0.9 ** done[name]), second[name] / (1 - 0.999 ** done[name])
            plain[name] = plain[name] * (1 - rate * decay) - rate * mean / (square.sqrt() + 1e-8)
        optimiser.step(0.1)
        for name, parameter in module.named_parameters():
            assert torch.allclose(parameter.double(), plain[name], rtol=1e-4, atol=1e-6), (step, name)


def test_what_has_no_gradient_neither_moves_nor_has_moments():
    module, optimiser = toy()
    module.head.requires_grad_(False)
    before = module.head.weight.clone()
    backward(module, 0)
    optimiser.step(0.1)
    assert torch.equal(module.head.weight, before)
    assert {int(name.split("/")[0]) for name in optimiser.tensors()} == {0, 1, 2, 3}


def test_moments_come_back():
    module, optimiser = toy()
    backward(module, 0)
    optimiser.step(0.1)
    again = AdamW(optimiser.groups)
    again.load({name: tensor.clone() for name, tensor in optimiser.tensors().items()})
    assert optimiser.tensors().keys() == again.tensors().keys()
    assert all(torch.equal(tensor, again.tensors()[name]) for name, tensor in optimiser.tensors().items())
