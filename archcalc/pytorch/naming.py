"""What modules and outputs are called: the spec's names, made safe for torch.nn.Module. Needs no torch."""

from __future__ import annotations

from collections.abc import Iterable

from archcalc.network.network import Network

OUTPUT = "output"
"""The name of the main way's output beside those of the heads."""

# What torch.nn.Module has of its own, in torch 2.6 to 2.13, and what the modules here that hold others add.
# One list and not what the torch at hand has, so that the names in a state_dict are the same everywhere.
RESERVED = frozenset(
    """
    T_destination __annotations__ __call__ __class__ __delattr__ __dict__ __dir__ __doc__ __eq__ __format__
    __ge__ __getattr__ __getattribute__ __getstate__ __gt__ __hash__ __init__ __init_subclass__ __le__ __lt__
    __module__ __ne__ __new__ __reduce__ __reduce_ex__ __repr__ __setattr__ __setstate__ __sizeof__ __str__
    __subclasshook__ __weakref__ _apply _backward_hooks _backward_pre_hooks _buffers _call_impl
    _compiled_call_impl _forward_hooks _forward_hooks_always_called _forward_hooks_with_kwargs
    _forward_pre_hooks _forward_pre_hooks_with_kwargs _get_backward_hooks _get_backward_pre_hooks _get_name
    _is_full_backward_hook _load_from_state_dict _load_state_dict_post_hooks _load_state_dict_pre_hooks
    _maybe_warn_non_full_backward_hook _modules _named_members _non_persistent_buffers_set _parameters
    _register_load_state_dict_pre_hook _register_state_dict_hook _replicate_for_data_parallel
    _save_to_state_dict _slow_forward _state_dict_hooks _state_dict_pre_hooks _version _wrapped_call_impl
    add_module apply bfloat16 buffers call_super_init children compile cpu cuda double dump_patches eval
    extra_repr float forward get_buffer get_extra_state get_parameter get_submodule half ipu load_state_dict
    modules mtia named_buffers named_children named_modules named_parameters parameters
    register_backward_hook register_buffer register_forward_hook register_forward_pre_hook
    register_full_backward_hook register_full_backward_pre_hook register_load_state_dict_post_hook
    register_load_state_dict_pre_hook register_module register_parameter register_state_dict_post_hook
    register_state_dict_pre_hook requires_grad_ set_extra_state set_submodule share_memory state_dict to
    to_empty train training type xpu zero_grad
    layer_at _at _auxiliary_heads _axis _has_heads _outputs _place _places _settings _steps _title
    """.split()  # noqa: SIM905 - as a list it would be a page of quotes
)
"""Names that a submodule cannot have; it gets an underscore after its own."""


def module_paths(paths: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The names on the way to the module of each path, and of the scopes around it, in order.

    They are the parts of the path; where a name is reserved, or taken by a neighbour, underscores follow it.
    """
    found: dict[str, tuple[str, ...]] = {}
    taken: set[tuple[str, ...]] = set()

    def place(path: str) -> tuple[str, ...]:
        if path not in found:
            scope, _, name = path.rpartition(".")
            parent = place(scope) if scope else ()
            while name in RESERVED or (*parent, name) in taken:
                name += "_"
            found[path] = (*parent, name)
            taken.add(found[path])
        return found[path]

    for path in paths:
        place(path)
    return found


def output_names(network: Network) -> dict[str, int]:
    """The index of each output but those of auxiliary heads, that of the main way first."""
    if network.output is None:
        return dict(network.heads)
    name = OUTPUT
    while name in network.heads or name in network.auxiliary_heads:
        name += "_"
    return {name: network.output, **network.heads}
