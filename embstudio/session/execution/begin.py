"""The first session of a model: on the provider that was asked for, or on the CPU with the reason why not."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass

import onnxruntime

from embstudio.base.errors import StudioError
from embstudio.base.paths import is_frozen
from embstudio.session import providers
from embstudio.session.execution.fallback import Fallback, failed, not_built_in, took_nothing
from embstudio.session.execution.said import listening
from embstudio.session.execution.way import Way, short
from embstudio.session.execution.wheels import installed_wheels

# Of each provider that failed before: what was said to be missing. Some look for a library once only.
_MISSING: dict[str, list[str]] = {}
Attempt = Callable[[providers.Providers], onnxruntime.InferenceSession]


@dataclass(frozen=True)
class Beginning:
    """providers: for the further sessions of the model. fallback: None where it runs as it was asked for."""

    session: onnxruntime.InferenceSession
    providers: providers.Providers
    fallback: Fallback | None = None


def begin(way: Way, attempt: Attempt) -> Beginning:
    """attempt: makes a session on some providers, and raises StudioError.

    Raises what is wrong with the model itself, or UnsupportedModelError for a provider that nobody has heard of.
    """
    wanted = providers.named(way)
    only_cpu: providers.Providers = [providers.CPU]
    if wanted not in providers.available():
        return Beginning(
            attempt(only_cpu), only_cpu, not_built_in(wanted, providers.CPU, _wheel(), packaged=is_frozen())
        )
    chosen = providers.with_cpu(wanted, way.device)
    if wanted == providers.CPU:
        return Beginning(attempt(chosen), chosen)
    session, error = None, ""
    with listening() as said:
        printed = _load_libraries(wanted)
        try:
            session = attempt(chosen)
        except StudioError as refused:
            error = refused.detail or str(refused)
    if session is not None and providers.running(session) == wanted:
        if _takes_part(session, wanted):
            return Beginning(session, chosen)
        return Beginning(attempt(only_cpu), only_cpu, took_nothing(wanted, providers.CPU))
    missing = _MISSING.setdefault(wanted, [line for line in said if "cannot open shared object" in line])
    words = "\n".join(dict.fromkeys(filter(None, [error, *said, *printed, *missing])))
    why = failed(wanted, providers.CPU, words, asked=bool(way.name))
    return Beginning(session or attempt(only_cpu), only_cpu, why)


def _load_libraries(provider: str) -> list[str]:
    """Load CUDA's libraries where pip has put them, beside onnxruntime, which by itself looks only where the system
    does; returns what was printed."""
    load = getattr(onnxruntime, "preload_dlls", None)
    if load is None or short(provider) not in ("cuda", "tensorrt"):
        return []
    with redirect_stdout(io.StringIO()) as printed:
        load()
    return printed.getvalue().splitlines()


def _takes_part(session: onnxruntime.InferenceSession, provider: str) -> bool:
    """Whether a provider runs any operation, as far as onnxruntime tells."""
    try:
        return any(part.ep_name == provider for part in session.get_provider_graph_assignment_info())
    except (AttributeError, RuntimeError):
        return True


def _wheel() -> str:
    """The package that onnxruntime comes from, with its version."""
    wheels = installed_wheels()
    return " ".join(wheels[0]) if wheels else f"onnxruntime {onnxruntime.__version__}"
