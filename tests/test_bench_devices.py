"""The devices that bench knows, with GPUs that only pretend to be there: peaks, clocks, power, what is found."""

from __future__ import annotations

import itertools
import json
import platform
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from archcalc.network.network import Network
from archcalc.timing.measurement import Arithmetic, Ceiling, Configuration, Power
from archcalc.timing.sampling import Rule, Sample
from archcalc.words.errors import OptionError

torch = pytest.importorskip("torch")

from archcalc.pytorch.devices import device_named  # noqa: E402
from archcalc.timing import ceilings, devices, power, steps  # noqa: E402 - only where torch is
from archcalc.timing.clock import EventClock, WallClock  # noqa: E402
from archcalc.timing.environment import environment_of  # noqa: E402
from archcalc.timing.layertimes import Marks, layer_times  # noqa: E402

CPU = torch.device("cpu")
CUDA = torch.device("cuda", 0)
FLOAT32 = Arithmetic("float32", "float32")


@pytest.fixture(autouse=True)
def peaks_are_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is measured that no test asks for, and nothing is written into the user's cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(ceilings, "measured", lambda _device, what: 20.0 if what == "copy" else 0.5)


# --- devices -----------------------------------------------------------------------------------------------


def test_no_cuda_says_what_was_found_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.version, "cuda", None)
    with pytest.raises(OptionError) as caught:
        device_named("cuda")
    assert str(caught.value) == (
        f"no CUDA device was found: PyTorch {torch.__version__} is built without CUDA; use --device cpu."
    )
    monkeypatch.setattr(torch.version, "cuda", "12.8")
    with pytest.raises(OptionError, match=r"is built for CUDA 12\.8, but sees no NVIDIA GPU"):
        device_named("cuda:1")


def test_no_apple_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(OptionError, match=r"no Apple GPU \(mps\) was found: .*; use --device cpu"):
        device_named("mps")


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
    assert device_named("cuda") == device_named("cuda:0") == CUDA
    with pytest.raises(OptionError, match=r"there is no cuda:3: found cuda:0 \(NVIDIA H100 80GB HBM3\)"):
        device_named("cuda:3")


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


def test_layers_are_timed_by_events(load: Callable[..., Network]) -> None:
    small = load("input: [3, 8, 8]\nlayers: [{conv: 4, kernel: 3, name: conv}, relu, flatten, {linear: 2}]\n")
    work = steps.workload(small, Configuration(), CPU)
    cuda = FakeCuda(milliseconds=1.5)
    found = layer_times(small, work, CPU, Rule(seconds=0.01), Marks(CUDA, cuda))
    assert found["conv"] == 0.0015
    # Two events for each of four layers, as they run; one rest for each pass.
    passes = cuda.log.count("synchronise")
    assert sum(line.startswith("record") for line in cuda.log) == 8 * passes


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
