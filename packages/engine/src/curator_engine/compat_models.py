"""What NeMo Curator's modules of models, servers, YAML and files offer here; `compat.py` does the rest."""

_CLIENT = "curator_engine.models.llm_client"
_SERVER = "curator_engine.models.inference_server"
_YAML = "curator_engine.yaml_pipeline"

_SCORERS = "curator_engine.models.clip_scorers"

_LLM = {
    name: (_CLIENT, name)
    for name in ("AsyncLLMClient", "ConversationFormatter", "GenerationConfig", "LLMClient")
}
_OPENAI = {name: (_CLIENT, name) for name in ("AsyncOpenAIClient", "OpenAIClient")}
_SERVE = {name: (_SERVER, name) for name in ("InferenceServer", "RayServeModelConfig")}

OF_MODELS: dict[str, dict[str, tuple[str, str]]] = {
    "nemo_curator.config.run": {
        name: (_YAML, name)
        for name in (
            "create_executor_from_yaml",
            "create_pipeline_from_yaml",
            "create_ray_client_from_yaml",
            "main",
        )
    },
    "nemo_curator.core.serve": _SERVE,
    "nemo_curator.core.serve.base": {"BaseModelConfig": (_SERVER, "BaseModelConfig")},
    "nemo_curator.core.serve.ray_serve.config": {
        "RayServeModelConfig": (_SERVER, "RayServeModelConfig")
    },
    "nemo_curator.core.serve.server": _SERVE,
    "nemo_curator.models.aesthetics": {
        name: (_SCORERS, name) for name in ("AestheticScorer", "MLP")
    },
    "nemo_curator.models.base": {
        "ModelInterface": ("curator_engine.models.model_interface", "ModelInterface")
    },
    "nemo_curator.models.clip": {
        name: (_SCORERS, name) for name in ("CLIPAestheticScorer", "CLIPImageEmbeddings")
    },
    "nemo_curator.models.client": _LLM | _OPENAI,
    "nemo_curator.models.client.llm_client": _LLM,
    "nemo_curator.models.client.openai_client": _OPENAI,
    "nemo_curator.models.omni.base": {
        "NVInferenceClient": ("curator_engine.models.nv_client", "NVInferenceClient")
    },
    "nemo_curator.tasks.utils": {"TaskPerfUtils": ("curator_engine.perf", "TaskPerfUtils")},
    "nemo_curator.utils.client_utils": {
        "FSPath": ("curator_engine.files.fs_path", "FSPath"),
        "is_remote_url": ("curator_engine.files.paths", "is_remote"),
    },
    "nemo_curator.utils.writer_utils": {
        "JsonEncoderCustom": ("curator_engine.stages.json_encoder", "JsonEncoderCustom")
    },
}
"""Names by module, each with the module of ours and the name in it."""
