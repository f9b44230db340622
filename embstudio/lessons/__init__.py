"""Lessons: what their files may say, how their claims are worked out, and the glossary. The lessons themselves are data
in resources/lessons; what they ask models for is fetched by `studio`."""
