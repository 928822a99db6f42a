"""One folder for each processor, the same file names in each; they do not know each other.

client     the SDK and nothing else
refusals   which of their errors prove that no money moved
translate  their words and ours, pure
webhooks   who sent an event, and what it says
adapter    puts them together, and is what the registry names
"""
