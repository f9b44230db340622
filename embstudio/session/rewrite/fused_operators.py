"""The rewrites of fused operators, in their order: norms first, since shapes are known beyond what is primitive."""

from __future__ import annotations

from embstudio.session.rewrite.batch_transposed_product import open_batch_transposed_products
from embstudio.session.rewrite.embed_normalization import open_embed_normalization
from embstudio.session.rewrite.group_query_attention import open_group_query_attention
from embstudio.session.rewrite.multi_head_attention import open_multi_head_attention
from embstudio.session.rewrite.packed_projection_attention import open_packed_projection_attention
from embstudio.session.rewrite.quantised_operators import open_quantised_operators
from embstudio.session.rewrite.recurrent_forms import open_recurrent_forms
from embstudio.session.rewrite.relative_position_bias import open_relative_position_bias
from embstudio.session.rewrite.skip_normalization import open_skip_normalization
from embstudio.session.rewrite.turned_recurrent import turn_recurrent

OPEN_FUSED_OPERATORS = (
    open_quantised_operators,
    open_recurrent_forms,
    turn_recurrent,
    open_embed_normalization,
    open_skip_normalization,
    open_packed_projection_attention,
    open_multi_head_attention,
    open_group_query_attention,
    open_relative_position_bias,
    open_batch_transposed_products,
)
