# The course for many: one container, a queue, snapshots. `hosting/verify` runs these steps in a
# clean root where no container engine is at hand. Torch brings its own CUDA; nothing touches a GPU
# while this is built.
FROM python:3.11-slim-bookworm

RUN useradd --create-home --uid 1000 learner && install -d -o learner /srv/course /srv/env /srv/runs
WORKDIR /srv/course
USER learner
ENV PATH=/srv/env/bin:$PATH
COPY --chown=learner requirements.txt ./
# Without a GPU, gigabytes of CUDA are of no use: name an index of torch builds for CPUs, such as
# PyTorch's own, and the libraries of CUDA that are pinned for a GPU are left out.
ARG TORCH_INDEX=""
RUN python3 -m venv /srv/env && if [ -n "$TORCH_INDEX" ]; then \
    grep -vE '^(nvidia-|cuda-|triton)' requirements.txt > /tmp/cpu.txt && \
    PIP_EXTRA_INDEX_URL="$TORCH_INDEX" pip install --no-cache-dir --no-deps -r /tmp/cpu.txt; \
    else pip install --no-cache-dir -r requirements.txt; fi
COPY --chown=learner . ./

# Many share it; runs are on the local disk; whoever meets an error sees a sentence, no insides.
ENV PLANTEDU_HOSTED=1 PLANTEDU_HOME=/srv/runs
ENV STREAMLIT_SERVER_ADDRESS=0.0.0.0 STREAMLIT_SERVER_PORT=8501 STREAMLIT_SERVER_HEADLESS=true
ENV STREAMLIT_SERVER_FILE_WATCHER_TYPE=none STREAMLIT_CLIENT_SHOW_ERROR_DETAILS=none
ENV OMP_WAIT_POLICY=PASSIVE
# Freed memory goes back: threads of pages share two heaps instead of eight a core.
ENV MALLOC_ARENA_MAX=2
RUN python3 -m compileall -q app plantedu
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=90s CMD ["python3", "hosting/alive"]
CMD ["hosting/start"]
