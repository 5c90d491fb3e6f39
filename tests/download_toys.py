"""A source of three URLs, one of which cannot be had."""

from pathlib import Path

from curator_text.download.fetch import DocumentDownloader, URLGenerator


class Numbers(URLGenerator):
    """Three URLs."""

    def generate_urls(self):
        return [f"toy://{n}.txt" for n in range(3)]


class Copies(DocumentDownloader):
    """Writes the URL into its file; the second cannot be had."""

    def _get_output_filename(self, url):
        return url.removeprefix("toy://")

    def _download_to_path(self, url, path):
        if "1" in url:
            return False, "it is gone"
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(url)
        return True, None

    def num_workers_per_node(self):
        return 2
