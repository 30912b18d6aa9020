"""bench with torch: what is built and timed, on a CPU for real and on GPUs that only pretend to be there."""

from __future__ import annotations

import importlib.util
import itertools
import json
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from archcalc import analyse
from archcalc import load as load_network
from archcalc.cli import main
from archcalc.errors import OptionError
from archcalc.network import Network
from archcalc.pytorch import bench
from archcalc.pytorch.bench.measurement import Arithmetic, Ceiling, Configuration, Measurement, Power, decode
from archcalc.pytorch.bench.roofline import work_of
from archcalc.pytorch.bench.sampling import Rule, Sample

torch = pytest.importorskip("torch")

from archcalc.pytorch.bench import ceilings, devices, power, runs, steps  # noqa: E402 - only where torch is
from archcalc.pytorch.bench.clock import EventClock, WallClock  # noqa: E402
from archcalc.pytorch.bench.environment import environment_of  # noqa: E402
from archcalc.pytorch.bench.layertimes import Marks, layer_times  # noqa: E402

CPU = torch.device("cpu")
CUDA = torch.device("cuda", 0)
QUICK = Rule(seconds=0.01, repeats=6)
FLOAT32 = Arithmetic("float32", "float32")

SMALL = """
name: Small
input: [3, 8, 8]
layers:
  - {conv: 4, kernel: 3, padding: 1, name: conv}
  - {batch_norm: , name: norm}
  - relu
  - {auxiliary: early, layers: [flatten, {linear: 2, name: out}]}
  - {max_pool: 2, name: pool}
  - flatten
  - {linear: 10, name: fc}
"""


@pytest.fixture(autouse=True)
def peaks_are_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is measured that no test asks for, and nothing is written into the user's cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(ceilings, "measured", lambda _device, what: 20.0 if what == "copy" else 0.5)


@pytest.fixture
def small(load: Callable[..., Network]) -> Network:
    return load(SMALL)


def run(*networks: Network, **settings: Any) -> list[Measurement]:
    batches = settings.pop("batches", (1,))
    layers = settings.pop("layers", False)
    configuration = Configuration(**{"device": "cpu", **settings})
    return list(bench.run(networks, configuration, batches=batches, rule=QUICK, layers=layers))


# --- on the CPU, for real ----------------------------------------------------------------------------------


def test_a_forward_pass(small: Network) -> None:
    found = run(small, batches=(1, 4))
    assert [one.configuration.batch for one in found] == [1, 4]
    for one in found:
        assert (one.status, one.reason, one.network, one.arithmetic) == ("measured", None, "my", FLOAT32)
        assert one.wall is not None
        assert one.wall.repeats >= 6
        assert 0 < one.wall.fastest <= one.wall.median
        assert one.macs == analyse(small, batch=one.configuration.batch).totals.macs
        assert one.flops == 2 * one.macs
        # Everything else follows from the median.
        batch, seconds = one.configuration.batch, one.wall.median
        assert one.images_per_second == pytest.approx(batch / seconds)
        assert one.tflops == pytest.approx(2 * one.macs / seconds / 1e12)
        share = 2 * one.macs / 0.5e12 / seconds
        assert one.peak_share == pytest.approx(share)
        assert one.roofline_share is not None
        assert one.roofline_share >= share
        # Memory, power and events are those of a GPU.
        assert (one.events, one.memory_bytes, one.power, one.layers) == (None, None, None, ())


@pytest.mark.parametrize(
    "settings",
    [
        {"training": True},
        {"training": True, "channels_last": True},
        {"dtype": "bfloat16"},
        {"amp": True, "dtype": "bfloat16"},
        {"amp": True, "dtype": "bfloat16", "training": True},
        {"channels_last": True},
    ],
    ids=str,
)
def test_ways_to_run(small: Network, settings: dict[str, Any]) -> None:
    (found,) = run(small, batches=(2,), **settings)
    assert (found.status, found.reason) == ("measured", None)
    assert found.configuration == Configuration(device="cpu", batch=2, **settings)


def test_training_has_the_auxiliary_heads(small: Network) -> None:
    """The head has 4·8·8·2 weights and 2 biases."""
    (forward,), (training,) = run(small), run(small, training=True, batches=(2,))
    assert training.params - forward.params == 4 * 8 * 8 * 2 + 2


def test_layers(small: Network) -> None:
    (found,) = run(small, layers=True)
    # The auxiliary head does not run.
    assert [layer.name for layer in found.layers] == ["conv", "norm", "relu1", "pool", "flatten1", "fc"]
    assert all(layer.seconds > 0 for layer in found.layers)
    assert sum(layer.macs for layer in found.layers) == found.macs


def test_compiled(small: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is timed is what torch.compile makes of the model."""
    calls = itertools.count()

    def compiled(model: Any) -> Callable[[Any], Any]:
        def called(x: Any) -> Any:
            next(calls)
            return model(x)

        return called

    monkeypatch.setattr(torch, "compile", compiled)
    (found,) = run(small, compile=True)
    assert found.wall is not None
    assert found.warm_up is not None
    assert next(calls) == found.wall.repeats + found.warm_up.steps


@pytest.mark.parametrize("name", ["resnet18", "googlenet"])
def test_macs_of_training_are_those_that_torch_counts(name: str) -> None:
    """FlopCounterMode counts 2 a MAC, backward as well; googlenet has auxiliary heads."""
    from torch.utils.flop_counter import FlopCounterMode

    network = load_network(name)
    with torch.device("meta"):
        from archcalc.pytorch import build

        model = build(network).train()
        with FlopCounterMode(display=False) as counter:
            torch.autograd.backward(steps.mean_square(model(torch.empty(2, *network.input))))
    works = work_of(analyse(network, batch=2), training=True)
    assert 2 * sum(work.macs for work in works) == counter.get_total_flops()


def test_a_training_step_learns(small: Network) -> None:
    configuration = Configuration(training=True, batch=4)
    work = steps.workload(small, configuration, CPU)
    weight = work.model.get_parameter("conv.weight")
    before = weight.detach().clone()
    work.step()
    assert not torch.equal(weight, before)
    assert work.model.training


def test_a_forward_pass_does_not_learn(small: Network) -> None:
    work = steps.workload(small, Configuration(), CPU)
    with work.surroundings():
        output = work.step()
    assert not work.model.training
    # The auxiliary head is missing.
    assert isinstance(output, dict)
    assert [(name, tensor.requires_grad) for name, tensor in output.items()] == [("output", False)]


def test_inputs_are_random(small: Network, load: Callable[..., Network]) -> None:
    x = steps.random_input(small, 64, CPU)
    assert x.shape == (64, 3, 8, 8)
    # 12,288 numbers: the mean lies within 5/√12288 = 0.045 of 0.
    assert abs(float(x.mean())) < 0.045
    assert abs(float(x.std()) - 1) < 0.05
    ids = steps.random_input(
        load("input: [5]\nlayers: [{embedding: 4, vocabulary: 7}, flatten, {linear: 2}]\n"), 64, CPU
    )
    assert ids.dtype == torch.int64
    assert set(ids.flatten().tolist()) == set(range(7))


def test_a_text_model_runs(load: Callable[..., Network]) -> None:
    network = load("input: [5]\nlayers: [{embedding: 4, vocabulary: 1000}, flatten, {linear: 2}]\n")
    assert [one.status for one in run(network, dtype="bfloat16")] == ["measured"]


# --- what cannot be ----------------------------------------------------------------------------------------


def test_out_of_memory_ends_a_batch_and_no_more(small: Network) -> None:
    """10⁹ images are 768 GB, which no machine gives."""
    found = run(small, batches=(10**9, 1))
    assert [one.status for one in found] == ["out of memory", "measured"]
    assert found[0].wall is None
    assert found[0].reason


def test_out_of_memory_while_it_runs(small: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    class FullClock:
        def time(self, step: Callable[[], object]) -> Sample:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB.\nMore words.")

    monkeypatch.setattr(runs, "clock_of", lambda _: FullClock())
    (found,) = run(small)
    assert (found.status, found.reason) == (
        "out of memory",
        "CUDA out of memory. Tried to allocate 2 GiB.",
    )


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (torch.OutOfMemoryError("CUDA out of memory."), True),
        (MemoryError(), True),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate"), True),
        (RuntimeError("MPS backend out of memory (MPS allocated: 9 GB"), True),
        (RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"), True),
        (RuntimeError("mat1 and mat2 shapes cannot be multiplied"), False),
        (ValueError("out of memory"), False),
    ],
)
def test_what_counts_as_out_of_memory(error: Exception, expected: bool) -> None:
    assert runs.is_out_of_memory(error) is expected


def test_an_error_of_torch_ends_a_batch_and_no_more(load: Callable[..., Network]) -> None:
    """Batch norm of a single number cannot be trained with."""
    network = load("input: [3, 1, 1]\nlayers: [{batch_norm: }, flatten, {linear: 2}]\n")
    found = run(network, batches=(1, 2), training=True)
    assert [one.status for one in found] == ["failed", "measured"]
    assert "more than 1 value per channel" in str(found[0].reason)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"dtype": "int8"}, "not timed in 'int8'"),
        ({"amp": True}, "--amp computes in bfloat16 or float16"),
        ({"cuda_graph": True}, "a CUDA graph needs a CUDA device, not 'cpu'"),
        ({"tf32": True}, "TF32 is a mode of NVIDIA GPUs"),
        ({"layers": True, "training": True}, "layers are timed one by one in a plain forward pass"),
        ({"layers": True, "compile": True}, "layers are timed one by one in a plain forward pass"),
        ({"device": "gpu"}, "there is no device 'gpu'"),
        ({"device": "cpu:1"}, "there is no device 'cpu:1'"),
    ],
)
def test_what_cannot_be_timed(small: Network, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(OptionError, match=message):
        run(small, **settings)


def test_loss_scaling_does_not_fit_into_a_graph(small: Network) -> None:
    wrong = Configuration(device="cuda", training=True, amp=True, dtype="float16", cuda_graph=True)
    with pytest.raises(OptionError, match="loss scaling"):
        steps.check(wrong, small)


def test_vectors_have_no_channels_last(load: Callable[..., Network]) -> None:
    with pytest.raises(OptionError, match="--channels-last needs feature maps"):
        run(load("input: [5]\nlayers: [{linear: 2}]\n"), channels_last=True)


# --- devices -----------------------------------------------------------------------------------------------


def test_no_cuda_says_what_was_found_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.version, "cuda", None)
    with pytest.raises(OptionError) as caught:
        devices.device_named("cuda")
    assert str(caught.value) == (
        f"no CUDA device was found: PyTorch {torch.__version__} is built without CUDA; use --device cpu."
    )
    monkeypatch.setattr(torch.version, "cuda", "12.8")
    with pytest.raises(OptionError, match=r"is built for CUDA 12\.8, but sees no NVIDIA GPU"):
        devices.device_named("cuda:1")


def test_no_apple_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(OptionError, match=r"no Apple GPU \(mps\) was found: .*; use --device cpu"):
        devices.device_named("mps")


@pytest.fixture
def a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """As much of an H100 as can be asked without having one."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda _=0: "NVIDIA H100 80GB HBM3")
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _=0: (9, 0))
    monkeypatch.setattr(
        torch.cuda,
        "get_device_properties",
        lambda _=0: SimpleNamespace(
            major=9, minor=0, multi_processor_count=132, total_memory=80 * 2**30, uuid="1234-5678"
        ),
    )


@pytest.mark.usefixtures("a_gpu")
def test_devices_by_number() -> None:
    assert devices.default_device() == "cuda"
    assert devices.device_named("cuda") == devices.device_named("cuda:0") == CUDA
    with pytest.raises(OptionError, match=r"there is no cuda:3: found cuda:0 \(NVIDIA H100 80GB HBM3\)"):
        devices.device_named("cuda:3")


def test_the_device_that_is_timed_is_the_current_one(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    @contextmanager
    def device(which: Any) -> Iterator[None]:
        asked.append(which)
        yield

    monkeypatch.setattr(torch.cuda, "device", device)
    with devices.current(torch.device("cuda", 1)), devices.current(CPU):
        assert asked == [torch.device("cuda", 1)]


@pytest.mark.usefixtures("a_gpu")
def test_the_precision_that_is_really_used() -> None:
    """Torch's own choice is TF32 in convolutions and not in matrix products."""
    float32 = Configuration(device="cuda")
    with devices.settings(None):
        assert devices.arithmetic_of(float32, CUDA) == Arithmetic("tf32", "float32")
    with devices.settings(True):
        assert devices.arithmetic_of(float32, CUDA) == Arithmetic("tf32", "tf32")
    with devices.settings(False):
        assert devices.arithmetic_of(float32, CUDA) == Arithmetic("float32", "float32")
        assert devices.arithmetic_of(float32, CPU) == FLOAT32
    half = Configuration(device="cuda", dtype="bfloat16", amp=True)
    assert devices.arithmetic_of(half, CUDA) == Arithmetic("bfloat16", "bfloat16")


@pytest.mark.usefixtures("a_gpu")
def test_gpus_before_ampere_have_no_tf32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _=0: (7, 5))
    with devices.settings(True):
        assert devices.arithmetic_of(Configuration(device="cuda"), CUDA) == FLOAT32


def test_settings_are_put_back() -> None:
    def now() -> tuple[bool, ...]:
        cudnn = torch.backends.cudnn
        return cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32, cudnn.benchmark

    before = now()

    def interrupted() -> None:
        with devices.settings(not before[0]):
            assert now() == (not before[0], not before[0], True)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert now() == before


@pytest.mark.usefixtures("a_gpu")
def test_the_environment_of_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.version, "cuda", "12.8")
    monkeypatch.setattr(torch.backends.cudnn, "version", lambda: 90100)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    found = environment_of(CUDA)
    assert (found.device, found.compute_capability) == ("NVIDIA H100 80GB HBM3", "9.0")
    assert (found.multiprocessors, found.memory_bytes) == (132, 80 * 2**30)
    assert (found.cuda, found.cudnn) == ("12.8", "90100")
    assert found.variables["CUDA_VISIBLE_DEVICES"] == "0"


def test_the_environment_of_a_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "release", lambda: "6.1.0-21-amd64")
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    found = environment_of(CPU)
    # The name that somebody gave his own kernel is nobody's business.
    assert found.system == "Linux 6.1.0 x86_64"
    assert found.torch == torch.__version__
    assert found.threads == torch.get_num_threads()
    assert (found.cuda, found.cudnn, found.driver, found.compute_capability) == (None,) * 4
    assert found.device == found.cpu
    assert found.cores >= 1


# --- the peaks of a device ---------------------------------------------------------------------------------


@pytest.mark.usefixtures("a_gpu")
def test_a_described_device_is_not_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ceilings, "measured", lambda *_: pytest.fail("measured"))
    found = ceilings.ceiling_of(CUDA, ("tf32", "float32"))
    assert (found.tflops["tf32"], found.tflops["float32"], found.bandwidth) == (495, 66.9, 3350)
    assert "data sheet" in found.source


def test_an_unknown_device_is_measured_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def measured(_: object, what: str) -> float | None:
        asked.append(what)
        return None if what == "float16" else 1.5

    monkeypatch.setattr(ceilings, "measured", measured)
    for _ in range(2):
        assert ceilings.ceiling_of(CPU, ("float32", "float32")) == Ceiling(
            ceilings.MEASURED, {"float32": 1.5}, 1.5
        )
    assert asked == ["copy", "float32"]
    # Another precision is measured when it is asked for; what the device cannot do is remembered as well.
    for _ in range(2):
        assert ceilings.ceiling_of(CPU, ("float16",)).tflops == {}
    assert asked == ["copy", "float32", "float16"]
    ceilings.ceiling_of(CPU, ("float32",), again=True)
    assert asked[3:] == ["copy", "float32"]


@pytest.mark.parametrize("what", ["version", "name", "threads"])
def test_what_was_measured_is_never_out_of_date(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def measured(_: object, what: str) -> float:
        asked.append(what)
        return 1.0

    monkeypatch.setattr(ceilings, "measured", measured)
    ceilings.ceiling_of(CPU, ("float32",))
    if what == "version":
        monkeypatch.setattr(torch, "__version__", "99.0")
    elif what == "name":
        monkeypatch.setattr(ceilings, "name_of", lambda _: "Another")
    else:
        monkeypatch.setattr(torch, "get_num_threads", lambda: 1234)
    ceilings.ceiling_of(CPU, ("float32",))
    assert asked == ["copy", "float32"] * 2


@pytest.mark.parametrize("text", ["", "[]", "nonsense", '{"a": "b"}'])
def test_a_broken_cache_is_measured_again(text: str) -> None:
    path = Path(ceilings.cache_path())
    path.parent.mkdir(parents=True)
    path.write_text(text, "utf-8")
    assert ceilings.ceiling_of(CPU, ("float32",)).bandwidth == 20.0
    assert len(json.loads(path.read_text("utf-8"))) == 2


def test_without_a_cache_it_works_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert ceilings.ceiling_of(CPU, ("float32",)).bandwidth == 20.0


def test_measuring_a_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """With products of 16³ only and a small copy: whether it runs, not how fast."""
    monkeypatch.undo()
    monkeypatch.setattr(ceilings, "_SMALLEST", 16)
    monkeypatch.setattr(ceilings, "_LARGEST", 16)
    monkeypatch.setattr(ceilings, "_COPIED", 2**16)
    for what in ("copy", "float32", "bfloat16"):
        assert (ceilings.measured(CPU, what) or 0) > 0


def test_the_fastest_product_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """2·16³ = 8192 FLOPs in 1 µs at best are 0.008192 TFLOP/s; 65,536 bytes read and written in 1 µs 131.072 GB/s."""
    monkeypatch.undo()
    monkeypatch.setattr(ceilings, "_SMALLEST", 16)
    monkeypatch.setattr(ceilings, "_LARGEST", 16)
    monkeypatch.setattr(ceilings, "_COPIED", 2**16)
    times = itertools.cycle([Sample(9.0, 3e-6), Sample(9.0, 1e-6)])
    monkeypatch.setattr(ceilings, "clock_of", lambda _: SimpleNamespace(time=lambda _: next(times)))
    assert ceilings.measured(CPU, "float32") == pytest.approx(0.008192)
    assert ceilings.measured(CPU, "copy") == pytest.approx(131.072)


# --- the clock of a GPU ------------------------------------------------------------------------------------


class FakeCuda:
    """Stands in for torch.cuda and writes down what it is asked."""

    def __init__(self, milliseconds: float = 0.0) -> None:
        self.log: list[str] = []
        self.milliseconds = milliseconds
        self.events = itertools.count()

    def Event(self, *, enable_timing: bool) -> Any:  # noqa: N802 - torch's name
        assert enable_timing
        number = next(self.events)
        return SimpleNamespace(
            record=lambda: self.log.append(f"record {number}"),
            elapsed_time=lambda _: self.milliseconds,
        )

    def synchronize(self, _device: Any) -> None:
        self.log.append("synchronise")

    def Stream(self, _device: Any) -> Any:  # noqa: N802
        return SimpleNamespace(wait_stream=lambda _: self.log.append("side waits"))

    def current_stream(self, _device: Any) -> Any:
        return SimpleNamespace(wait_stream=lambda _: self.log.append("main waits"))

    def reset_peak_memory_stats(self, _device: Any) -> None:
        self.log.append("reset")

    @contextmanager
    def stream(self, _stream: Any) -> Iterator[None]:
        self.log.append("on the side")
        yield

    @contextmanager
    def graph(self, _graph: Any, *, stream: Any) -> Iterator[None]:
        assert stream is not None
        self.log.append("recording")
        yield
        self.log.append("recorded")

    def CUDAGraph(self) -> Any:  # noqa: N802
        return SimpleNamespace(replay=lambda: self.log.append("replay"))


def test_events_stand_around_the_step_and_the_device_rests_before_and_after() -> None:
    cuda = FakeCuda(milliseconds=2.5)
    clock = EventClock(CUDA, cuda)
    sample = clock.time(lambda: cuda.log.append("step"))
    assert cuda.log == ["synchronise", "record 0", "step", "record 1", "synchronise"]
    assert sample.events == 0.0025
    assert sample.wall > 0


def test_the_wall_clock_waits_for_the_device() -> None:
    log: list[str] = []
    sample = WallClock(lambda: log.append("rest")).time(lambda: log.append("step"))
    assert log == ["rest", "step", "rest"]
    assert sample.events is None


def test_a_graph_is_recorded_after_three_steps_on_the_side() -> None:
    cuda = FakeCuda()
    replay = steps.recorded(lambda: cuda.log.append("step"), CUDA, cuda)
    assert cuda.log == [
        *("side waits", "on the side", "step", "step", "step", "main waits"),
        *("reset", "recording", "step", "recorded"),
    ]
    replay()
    assert cuda.log[-1] == "replay"


def test_layers_are_timed_by_events(small: Network) -> None:
    work = steps.workload(small, Configuration(), CPU)
    cuda = FakeCuda(milliseconds=1.5)
    found = layer_times(small, work, CPU, QUICK, Marks(CUDA, cuda))
    assert found["conv"] == 0.0015
    # Two events for each of six layers, as they run; one rest for each pass.
    passes = cuda.log.count("synchronise")
    assert sum(line.startswith("record") for line in cuda.log) == 12 * passes


# --- power -------------------------------------------------------------------------------------------------


class FakeNvml:
    """Stands in for pynvml: 300 W, 1,500 MHz; energy in millijoules by the clock, unless it is an old GPU."""

    NVML_CLOCK_SM, NVML_CLOCK_MEM, NVML_TEMPERATURE_GPU = "sm", "memory", 0

    class NVMLError(Exception):
        pass

    def __init__(self, energies: list[float] | None) -> None:
        self.energies = None if energies is None else iter(energies)

    def nvmlDeviceGetTotalEnergyConsumption(self, _: object) -> float:  # noqa: N802
        if self.energies is None:
            raise self.NVMLError
        return next(self.energies)

    def nvmlDeviceGetPowerUsage(self, _: object) -> int:  # noqa: N802
        return 300_000

    def nvmlDeviceGetEnforcedPowerLimit(self, _: object) -> int:  # noqa: N802
        raise self.NVMLError

    def nvmlDeviceGetClockInfo(self, _: object, which: str) -> int:  # noqa: N802
        return {"sm": 1500, "memory": 2600}[which]

    def nvmlDeviceGetMaxClockInfo(self, _: object, which: str) -> int:  # noqa: N802
        return {"sm": 1980, "memory": 2600}[which]

    def nvmlDeviceGetTemperature(self, _: object, which: int) -> int:  # noqa: N802
        return 61 + which


def test_power_is_energy_by_time() -> None:
    """500 J in 2 s; a look every 0.1 s at most, so that of 0.05, 0.2 and 2 s only the last two count."""
    moments = iter([0.0, 0.05, 0.2, 0.2, 2.0])
    meter = power.Meter(FakeNvml([1_000, 501_000]), object(), lambda: next(moments))
    meter.look()
    meter.look()
    found = meter.result()
    assert found == Power(250.0, None, 1500.0, 1980.0, 2600.0, 61.0)
    assert meter.watts == [300_000]


def test_gpus_without_an_energy_counter_tell_their_power() -> None:
    moments = itertools.count()
    meter = power.Meter(FakeNvml(None), object(), lambda: float(next(moments)))
    meter.look()
    assert meter.result().watts == 300


def test_no_meter_without_nvml(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", None)
    assert power.meter_of(CUDA) is None
    assert power.meter_of(CPU) is None
    version = tmp_path / "version"
    version.write_text(
        "NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.15  Tue Mar  5 22:23:56 UTC 2024\n", "utf-8"
    )
    assert power.driver_version(str(version)) == "550.54.15"
    assert power.driver_version(str(tmp_path / "none")) is None


@pytest.mark.usefixtures("a_gpu")
def test_the_meter_is_that_of_the_same_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    nvml: Any = FakeNvml([0, 0])
    nvml.nvmlInit = lambda: None
    nvml.nvmlDeviceGetHandleByUUID = asked.append
    monkeypatch.setitem(sys.modules, "pynvml", nvml)
    assert power.meter_of(CUDA) is not None
    assert asked == ["GPU-1234-5678"]


# --- the command -------------------------------------------------------------------------------------------

BENCH = ("bench", "lenet5", "--device", "cpu", "--seconds", "0.01")


def test_the_command_prints_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*BENCH, "--batch", "1,2"]) == 0
    out = capsys.readouterr().out
    assert "forward pass · float32" in out
    assert "images/s" in out
    assert out.count("\nlenet5 ") == 2


def test_the_command_writes_json_lines_a_history_and_a_chart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib")
    history, plot = tmp_path / "runs.jsonl", tmp_path / "plot.svg"
    arguments = [*BENCH, "--history", str(history), "--plot", str(plot), "--note", "a test", "-f", "jsonl"]
    assert main(arguments) == 0
    (first,) = decode(capsys.readouterr().out, "stdout")
    assert (first.note, first.earlier) == ("a test", None)
    assert main(arguments) == 0
    (second,) = decode(capsys.readouterr().out, "stdout")
    assert second.earlier is not None
    assert first.wall is not None
    assert second.earlier.median == first.wall.median
    assert len(decode(history.read_text("utf-8"), "history")) == 2
    assert plot.read_text("utf-8").startswith("<?xml")


def test_ctrl_c_prints_what_was_measured(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It comes in the ninth repeat of the second of three batches."""

    class Clock:
        steps = itertools.count(1)

        def time(self, step: Callable[[], object]) -> Sample:
            # 10 steps to warm up and 20 repeats a batch.
            if next(self.steps) == 30 + 10 + 9:
                raise KeyboardInterrupt
            return Sample(1 / 1024)

    monkeypatch.setattr(runs, "clock_of", lambda _: Clock())
    arguments = ["bench", "lenet5", "--device", "cpu", "--batch", "1,2,4", "-f", "jsonl"]
    assert main([*arguments, "--seconds", str(20 / 1024)]) == 130
    printed = capsys.readouterr()
    found = decode(printed.out, "stdout")
    assert [(one.configuration.batch, one.status) for one in found] == [(1, "measured"), (2, "interrupted")]
    assert [one.wall and one.wall.repeats for one in found] == [20, 8]
    assert printed.err == "interrupted: 2 of 3 batches were measured.\n"


def test_ctrl_c_before_anything_was_measured(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(runs, "workload", interrupted)
    assert main([*BENCH]) == 130
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", "interrupted: 0 of 1 batches were measured.\n")


def test_what_failed_is_the_exit_status(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def failing(*_: object) -> None:
        raise RuntimeError("no kernel image is available")

    monkeypatch.setattr(runs, "workload", failing)
    assert main([*BENCH]) == 1
    assert "failed: no kernel image is available" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--batch", "1,x"], "--batch '1,x' is not a list of batches"),
        (["--batch", "0"], "the batch must be a whole number from 1"),
        (["--seconds", "0"], "--seconds must be more than 0"),
        (["--device", "tpu"], "there is no device 'tpu'"),
        (["--dtype", "int8"], "networks are not timed in 'int8'"),
        (["--amp", "--dtype", "float32"], "--amp computes in bfloat16 or float16"),
        (["--plot", "x.gif"], "does not say what to draw"),
        (["--history", "/"], "the history '/' cannot be read"),
    ],
)
def test_wrong_arguments(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*BENCH, *arguments]) == 2
    printed = capsys.readouterr()
    assert message in printed.err
    assert printed.out == ""


def test_without_torch_it_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['torch'] = None; from archcalc.cli import main; "
        "sys.exit(main(['bench', 'lenet5']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "PyTorch is not installed; install it with: pip install 'archcalc[torch]'\n"


# --- the scripts beside it ---------------------------------------------------------------------------------

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"


def script(name: str) -> Any:
    """A script in benchmarks/ as a module."""
    found = importlib.util.spec_from_file_location(f"benchmarks_{name}", BENCHMARKS / f"{name}.py")
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def test_the_tasks_on_a_gpu_are_everything_that_is_wanted() -> None:
    """Two networks, two batches, forward and training, TF32 on and off and bfloat16: 2·2·2·3."""
    gpu = script("gpu")
    tasks = list(gpu.tasks(["lenet5", "vgg16"], [1, 128], True))
    assert len(set(tasks)) == len(tasks) == 24
    assert {(task.dtype, task.tf32) for task in tasks} == {
        ("bfloat16", None),
        ("float32", True),
        ("float32", False),
    }
    assert [task.training for task in tasks] == [False] * 12 + [True] * 12
    assert gpu.smallest_first(["vgg16", "lenet5", "alexnet"]) == ["lenet5", "alexnet", "vgg16"]


def test_the_script_goes_on_where_it_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gpu = script("gpu")
    path = tmp_path / "results.jsonl"
    arguments = ["gpu.py", "--device", "cpu", "--networks", "lenet5", "--batches", "1", "--seconds", "0.01"]
    arguments += ["--output", str(path)]
    # A clock on which every look at it takes a minute: there is time for two of four.
    minutes = itertools.count()
    monkeypatch.setattr(gpu, "time", SimpleNamespace(monotonic=lambda: 60.0 * next(minutes)))
    monkeypatch.setattr(sys, "argv", [*arguments, "--minutes", "6"])
    assert gpu.main() == 1
    assert "the time is over: 2 left; run this again to go on" in capsys.readouterr().out
    assert gpu.main() == 0
    assert "2 measured, 2 left" in capsys.readouterr().out
    found = decode(path.read_text("utf-8"), "results")
    assert [(one.configuration.training, one.configuration.dtype) for one in found] == [
        *((False, "float32"), (False, "bfloat16"), (True, "float32"), (True, "bfloat16"))
    ]
    assert gpu.main() == 0
    assert "nothing is left" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("ratio", "low", "high", "verdict"),
    [
        (1.01, 1.0, 1.02, "kept"),
        (0.96, 0.95, 0.97, "BROKEN"),
        (1.5, 1.0, 2.0, "undecided, the machine is too busy"),
        (1.0, 0.9, 1.1, "undecided, the machine is too busy"),
    ],
)
def test_verdicts_on_the_clock(ratio: float, low: float, high: float, verdict: str) -> None:
    assert script("clock").Found(ratio, low, high, 0.02, 0.02).verdict == verdict


def test_both_clocks_are_asked_equally_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours says 3 s and torch's 2 s each time: the ratio is 1.5."""
    clock = script("clock")
    benchmark = importlib.import_module("torch.utils.benchmark")
    monkeypatch.setattr(clock, "NETWORK", "lenet5")
    monkeypatch.setattr(WallClock, "time", lambda *_: Sample(3.0))
    monkeypatch.setattr(benchmark.Timer, "timeit", lambda *_: SimpleNamespace(median=2.0))
    assert clock.compared(6) == (1.5, 1.5, 1.5, 3.0, 2.0)
