"""bench with torch on a CPU: what is built and timed, what goes wrong, the command and the scripts beside it."""

from __future__ import annotations

import importlib.util
import itertools
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from archcalc import analyse
from archcalc import load as load_network
from archcalc import timing as bench
from archcalc.cli import main
from archcalc.network.network import Network
from archcalc.timing import history
from archcalc.timing.measurement import Arithmetic, Configuration, Measurement, decode
from archcalc.timing.roofline import work_of
from archcalc.timing.sampling import Rule, Sample
from archcalc.words.errors import OptionError

torch = pytest.importorskip("torch")

from archcalc.timing import ceilings, room, runs, steps  # noqa: E402 - only where torch is
from archcalc.timing.clock import WallClock  # noqa: E402

CPU = torch.device("cpu")
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


def test_what_cannot_fit_into_a_cpus_memory_is_not_begun(
    small: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    # conv has an input of 3·8·8 and an output of 4·8·8 floats an image; the weights are conv's 4·27 + 4, those of
    # the norm, 4 + 4, and of fc, 64·10 + 10
    weights = 4 * (112 + 8 + 650)
    for batch in (1, 8):
        report = analyse(small, batch=batch)
        assert room.least_bytes(report, Configuration(batch=batch)) == 4 * batch * (192 + 256) + weights
    # Of one image the two fit to the byte, of two they do not.
    monkeypatch.setattr(room, "free_bytes", lambda: 4 * 448 + weights)
    first, second, third = run(small, batches=(1, 2, 1))
    assert [one.status for one in (first, second, third)] == ["measured", "out of memory", "measured"]
    assert second.reason == "weights and one layer's input and output take 6.66 kB, and 4.87 kB are free"


def test_free_memory_is_that_of_the_machine_or_of_its_container(tmp_path: Path) -> None:
    meminfo, cgroup = tmp_path / "meminfo", tmp_path / "cgroup"
    assert room.free_bytes(str(meminfo), str(cgroup)) is None
    meminfo.write_text("MemTotal: 9000 kB\nMemAvailable:    5000 kB\nSwapFree:  1000 kB\n", "utf-8")
    assert room.free_bytes(str(meminfo), str(cgroup)) == 6_000 * 1024
    cgroup.mkdir()
    (cgroup / "memory.max").write_text("max\n", "utf-8")
    (cgroup / "memory.current").write_text("4000\n", "utf-8")
    assert room.free_bytes(str(meminfo), str(cgroup)) == 6_000 * 1024
    (cgroup / "memory.max").write_text("10000\n", "utf-8")
    assert room.free_bytes(str(meminfo), str(cgroup)) == 6_000
    (cgroup / "memory.stat").write_text("anon 7\ninactive_file 500\n", "utf-8")
    assert room.free_bytes(str(meminfo), str(cgroup)) == 6_500


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


@pytest.mark.parametrize(
    ("option", "name"), [("--output", "file.csv"), ("--plot", "file.svg"), ("--history", "file.jsonl")]
)
def test_a_file_that_cannot_be_written_is_told_before_anything_is_measured(
    option: str,
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    pytest.importorskip("matplotlib")
    monkeypatch.setattr(runs, "clock_of", lambda _: pytest.fail("measured"))
    assert main([*BENCH, option, str(tmp_path / "none" / name)]) == 2
    said = capsys.readouterr().err
    assert "No such file or directory" in said
    assert f"Give {option} a file" in said


def test_a_history_that_fails_later_loses_no_results(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object) -> None:
        raise OptionError("the history cannot be written: No space left on device.")

    monkeypatch.setattr(history, "append", full)
    assert main([*BENCH, "--history", str(tmp_path / "runs.jsonl")]) == 2
    printed = capsys.readouterr()
    assert "images/s" in printed.out
    assert "No space left on device" in printed.err


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


def test_what_the_command_imports_before_it_measures() -> None:
    code = "import sys, archcalc.cli.bench; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) & {"torch", "matplotlib", "numpy", "rich", "pynvml"} == set()


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


on_linux = pytest.mark.skipif(
    not Path("/proc/self/smaps_rollup").exists(), reason="memory is read from /proc"
)

PARENT = """
import subprocess, sys
mine = bytearray(60_000_000)
subprocess.run([sys.executable, "-c", "import time; theirs = bytearray(60_000_000); time.sleep(0.5)"])
"""


@on_linux
def test_memory_is_that_of_all_processes_together() -> None:
    """60 MB in one process and 60 MB in another that it started, beside two interpreters."""
    found = script("memory").measure([sys.executable, "-c", PARENT])
    assert found.processes == 2
    assert 120 < found.peak_mb < 200
    assert found.seconds > 0.5


@on_linux
def test_a_broken_bound_of_time_or_memory_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    memory = script("memory")
    monkeypatch.setattr(sys, "argv", ["memory.py", "--runs", "1"])
    for seconds, mb, status in ((45.0, 1_000.0, 0), (45.1, 1_000.0, 1), (45.0, 1_001.0, 1)):
        monkeypatch.setattr(memory, "measure", lambda _, found=(seconds, mb, 5, 9): memory.Measured(*found))
        assert memory.main() == status
        assert ("BROKEN" in capsys.readouterr().out) is bool(status)
